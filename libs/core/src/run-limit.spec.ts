import { describe, expect, test } from '@jest/globals';
import { describeScope, displacement, judgeAdmission, scopesOf, type LimitPolicy, type RunLimit } from './run-limit.js';

function limit(name: string, onLimit: LimitPolicy, capacity = 2): RunLimit {
  return { scope: name, tenantId: 'default', kind: 'workflow', name, capacity, onLimit };
}

function judge(limits: RunLimit[], loads: Record<string, [taken: number, ahead: number]>, accepted = false) {
  const loadOf = ({ scope }: RunLimit) => ({ taken: loads[scope]?.[0] ?? 0, ahead: loads[scope]?.[1] ?? 0 });
  const admission = judgeAdmission(limits, loadOf, { accepted });
  return admission.kind === 'admitted'
    ? ['admitted', ...admission.displaces.map(({ name }) => name)]
    : [admission.kind, admission.limit.name];
}

describe('judgeAdmission', () => {
  test.each<[string, RunLimit[], Record<string, [number, number]>, string[]]>([
    ['no limit', [], {}, ['admitted']],
    ['a free place', [limit('a', 'reject')], { a: [1, 0] }, ['admitted']],
    ['full, and refuses', [limit('a', 'reject')], { a: [2, 0] }, ['refused', 'a']],
    ['full, and queues', [limit('a', 'queue')], { a: [2, 0] }, ['waits', 'a']],
    ['full, and the oldest goes', [limit('a', 'cancel_oldest')], { a: [2, 0] }, ['admitted', 'a']],
    ['a place that somebody in line will have', [limit('a', 'queue')], { a: [1, 1] }, ['waits', 'a']],
    ['above a limit that was lowered', [limit('a', 'reject', 1)], { a: [5, 0] }, ['refused', 'a']],
    ['the first full one', [limit('a', 'queue'), limit('b', 'queue')], { a: [2, 0], b: [2, 0] }, ['waits', 'a']],
    ['refusal before waiting', [limit('a', 'queue'), limit('b', 'reject')], { a: [2, 0], b: [2, 0] }, ['refused', 'b']],
    [
      'nobody goes for a run that waits',
      [limit('a', 'cancel_oldest'), limit('b', 'queue')],
      { a: [2, 0], b: [2, 0] },
      ['waits', 'b'],
    ],
  ])('%s', (_case, limits, loads, expected) => {
    expect(judge(limits, loads)).toEqual(expected);
  });

  test('what was accepted once is not refused any more', () => {
    expect(judge([limit('a', 'reject')], { a: [2, 0] }, true)).toEqual(['waits', 'a']);
    expect(judge([limit('a', 'reject')], { a: [1, 0] }, true)).toEqual(['admitted']);
  });
});

test('limits are named for people', () => {
  expect(scopesOf({ tenantId: 't', workflow: { id: 'w' } })).toEqual(['tenant t', 'workflow t w']);
  expect(describeScope({ kind: 'workflow', name: 'research' })).toBe('the workflow research');
  expect(describeScope({ kind: 'tenant', name: 'acme' })).toBe('the tenant acme');
  expect(describeScope({ kind: 'tenant', name: 'default' })).toBe('all workflows together');
  expect(displacement(limit('a', 'cancel_oldest', 1), 'run-2')).toEqual({
    reason: 'makes room for the run run-2: the workflow a may have 1 live run',
    by: 'limit',
  });
});
