import { expect, test } from '@jest/globals';
import type { RunEvent } from '../../live/protocol.js';
import { momentsOf } from './run-moments.js';

let seq = 0;
const event = (type: string, node: [string, number?] | null = null, payload: Record<string, unknown> = {}): RunEvent => {
  seq += 1;
  const at = new Date(1_700_000_000_000 + seq * 1_000).toISOString();
  const place = { node_id: node?.[0] ?? null, visit: node === null ? 0 : 1, attempt: node === null ? 0 : (node[1] ?? 1) };
  return { run_id: 'r', seq, epoch: 1, type, ...place, at, payload };
};
const linesOf = (events: RunEvent[]) =>
  momentsOf(events).map(({ status, title, detail, ms }) =>
    [status, title, detail, ms].filter((part) => part !== null).join(' | '),
  );

test('tells a run as moments: an attempt is one of them, a step is none', () => {
  const error = { code: 'timeout', message: 'Too slow.' };
  expect(
    linesOf([
      event('run.submitted', null, { workflow_name: 'answer', workflow_version: 2, by: 'ada' }),
      event('run.claimed', null, { worker_id: 'w1' }),
      event('node.started', ['draft']),
      event('step.completed', ['draft'], { key: 'model', output: 1 }),
      event('node.failed', ['draft'], { error, retry_at: 1 }),
      event('node.started', ['draft', 2]),
      event('node.completed', ['draft', 2], { output: 1 }),
      event('node.started', ['review']),
      event('run.failed', null, { error }),
    ]),
  ).toEqual([
    'queued | Submitted by ada | answer v2',
    'started | A worker took the baton | w1',
    'retrying | draft | timeout: Too slow. | 2000',
    'completed | draft · attempt 2 | 1000',
    'running | review',
    'failed | Failed | timeout: Too slow.',
  ]);
});

test('names the approval that a node waits for', () => {
  const waits = event('node.suspended', ['ok'], { awaits: { kind: 'approval' }, reason: 'Publish?' });
  expect(momentsOf([event('node.started', ['ok']), waits])).toMatchObject([
    { status: 'waiting', title: 'ok waits for a person', detail: 'Publish?', approvalId: 'r.1.ok' },
  ]);
});
