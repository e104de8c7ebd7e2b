import { describe, expect, test } from '@jest/globals';
import type { EventFact, RunFact } from './facts.js';
import { findViolations } from './invariants.js';
import { WORKFLOWS } from './load-kinds.js';

const PLACES = [['one', 0], ...[0, 1, 2].map((index) => ['many', index])] as [string, number][];

function run(id: string, workflow: string, more: Partial<RunFact> = {}): RunFact {
  return {
    ...{ id, workflow, taskId: null, parentId: null, parentNode: null, parentIndex: null, status: 'completed', seq: 2, epoch: 1 },
    ...{ createdAt: 0, startedAt: 0, finishedAt: 100, ...more },
  };
}

const family = (): RunFact[] => [
  run('p', 'chaos-child'),
  ...PLACES.map(([parentNode, parentIndex]) =>
    run(`${parentNode}${parentIndex}`, 'chaos-leaf', { parentId: 'p', parentNode, parentIndex, finishedAt: 90 }),
  ),
];

/** Sound journals, and the effects that the definitions ask for, unless others are given. */
function violationsOf(runs: RunFact[], effects = runs.flatMap(({ id, workflow }) => effectsOf(id, workflow))): string[] {
  const event = (seq: number, type: EventFact['type']): EventFact => ({
    ...{ seq, type, epoch: 1, node_id: null, at: 0, attempt: 1, payload: '{}' },
  });
  const journals = new Map(runs.map(({ id }) => [id, [event(1, 'run.submitted'), event(2, 'run.completed')]]));
  const found = findViolations({
    ...{ acknowledged: [], operations: [], contradictions: [], runs, journals, effects, faultsEndedAt: 0, settleMs: 1_000 },
  });
  return found.map(({ invariant, runId, what }) => `${invariant} ${runId} ${what}`);
}

function effectsOf(runId: string, workflow: string) {
  const { nodes } = WORKFLOWS.find(({ name }) => name === workflow)!;
  return nodes.flatMap(({ id, type }) => {
    const count = type === 'effect' ? 1 : id === 'steps' ? 3 : 0;
    return Array.from({ length: count }, (_, index) => effect(runId, id, index));
  });
}

const effect = (runId: string, nodeId: string, index = 0) => ({
  ...{ runId, nodeId, key: `${runId}/${nodeId}/1/${index}`, attempt: 1, at: 0 },
});

describe('children', () => {
  test('are right where each place has one that ended before its parent', () => {
    expect(violationsOf(family())).toEqual([]);
  });

  test('are missed', () => {
    expect(violationsOf(family().slice(0, -1))).toEqual(['C p has no child at many/2']);
  });

  test('are seen twice at a place, or where there is none', () => {
    const twice = run('twin', 'chaos-leaf', { parentId: 'p', parentNode: 'one', parentIndex: 0 });
    const stray = run('stray', 'chaos-leaf', { parentId: 'p', parentNode: 'many', parentIndex: 3 });
    expect(violationsOf([...family(), twice, stray])).toEqual(['C p has 2 children at one/0', 'C p has 1 children at many/3']);
  });

  test('are seen without their parent, and after its end', () => {
    expect(violationsOf(family().slice(1))).toEqual(['A p has 4 children, and is not in SQL']);
    const [parent, first, ...others] = family();
    expect(violationsOf([parent!, { ...first!, finishedAt: 101 }, ...others])).toEqual([
      'B one0 had not ended when its parent p completed',
    ]);
  });
});

describe('effects', () => {
  test('of a map are one for each item', () => {
    const pooled = run('p', 'chaos-pool');
    const effects = effectsOf('p', 'chaos-pool');
    expect(violationsOf([pooled], effects)).toEqual([]);
    expect(
      violationsOf(
        [pooled],
        effects.filter(({ key }) => key !== 'p/steps/1/2'),
      ),
    ).toEqual(['C p node steps had 2 effects of 3']);
    expect(violationsOf([pooled], [...effects, effect('p', 'steps', 3)])).toHaveLength(1);
    expect(violationsOf([pooled], [...effects, effect('p', 'out', 1)])).toHaveLength(1);
  });
});

test('who is cancelled is to be cancelled, and nobody else', () => {
  const end = (workflow: string, status: string): string[] =>
    violationsOf([run('r', workflow, { status })], effectsOf('r', workflow));
  expect(end('chaos-cancel', 'cancelled')).toEqual([]);
  expect(end('chaos-cancel', 'completed')).toEqual(['A r is completed, not cancelled']);
  expect(end('chaos-patch', 'cancelled')).toEqual(['A r is cancelled, not completed']);
});
