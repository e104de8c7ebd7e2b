import { describe, expect, it } from '@jest/globals';
import { nodeEvent, runEvent, type EventDraft, type KeptNode } from './journal-event.js';
import { compilePlan } from './plan.js';
import { excerpt, TimelineFold, type TimelineNode } from './timeline.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const plan = compilePlan(
  WorkflowDefinitionSchema.parse({
    name: 'flow',
    nodes: ['a', 'b'].map((id) => ({ id, type: 'work', compensate: { type: 'undo' } })),
  }),
);
const ERROR = { code: 'node_failed', message: 'x' };
const of = (attempt = 1, visit = 1) => ({ id: 'a', visit, attempt });

function fold(...drafts: EventDraft[]): TimelineNode {
  const timeline = new TimelineFold(plan, ['a'], 20);
  for (const [index, draft] of drafts.entries()) timeline.add({ ...draft, runId: 'r', seq: index + 1, epoch: 1 });
  expect([...timeline.nodes.keys()]).toEqual(['a']);
  return timeline.nodes.get('a')!;
}

const submitted = (snapshot: KeptNode[]): EventDraft =>
  runEvent('run.submitted', 1, { workflow_id: 'w', workflow_name: 'f', workflow_version: 1, digest: 'd', snapshot });

describe('a timeline', () => {
  it('tells attempts with their ends, and the errors of those that failed', () => {
    const node = fold(
      ...[nodeEvent('node.started', of(), 10, {}), nodeEvent('node.failed', of(), 15, { error: ERROR, retry_at: 30 })],
      ...[nodeEvent('node.started', of(2), 30, {}), nodeEvent('node.completed', of(2), 42, { output: 'out' })],
      nodeEvent('node.started', { id: 'b', visit: 1, attempt: 1 }, 50, {}),
    );
    expect(node).toMatchObject({
      visits: [
        {
          ...{ visit: 1, startedAt: 10, endedAt: 42, output: { value: 'out', bytes: 5, truncated: false } },
          attempts: [
            { attempt: 1, startedAt: 10, endedAt: 15, outcome: 'failed', error: ERROR, retryAt: 30 },
            { attempt: 2, startedAt: 30, endedAt: 42, outcome: 'completed', error: null },
          ],
        },
      ],
    });
  });

  it('knows attempts that were lost with their worker, and those that were interrupted', () => {
    const claim = runEvent('run.claimed', 20, { worker_id: 'w' });
    const { visits } = fold(
      ...[nodeEvent('node.started', of(), 10, {}), claim, nodeEvent('node.started', of(2), 21, {})],
      nodeEvent('node.interrupted', of(2), 25, { reason: 'paused' }),
    );
    expect(visits[0]!.attempts).toMatchObject([
      { outcome: 'lost', endedAt: 20 },
      { outcome: 'interrupted', endedAt: 25 },
    ]);
    expect(visits[0]!.endedAt).toBeNull();
  });

  it('knows an attempt that is out in a pool, whoever takes the run meanwhile, and one that no worker of it could make', () => {
    const out = (attempt: number): EventDraft => nodeEvent('node.dispatched', of(attempt), 10, { pool: 'gpu', deadline: 99 });
    const claim = runEvent('run.claimed', 20, { worker_id: 'w' });
    const { visits } = fold(out(1), claim, nodeEvent('node.failed', of(), 21, { error: ERROR, retry_at: 22 }), out(2), claim);
    expect(visits[0]!.attempts).toMatchObject([
      { pool: 'gpu', outcome: 'failed', endedAt: 21 },
      { pool: 'gpu', outcome: null, endedAt: null },
    ]);
    const { visits: skipped } = fold(out(1), claim, nodeEvent('node.skipped', of(), 21, { reason: 'no worker has its type' }));
    expect(skipped[0]!.attempts).toMatchObject([{ outcome: 'skipped', endedAt: 21 }]);
    expect(fold(nodeEvent('node.started', of(), 10, {})).visits[0]!.attempts).toMatchObject([{ pool: null }]);
  });

  it('has nothing in work when the run has ended', () => {
    const cancelled = runEvent('run.cancelled', 30, { reason: 'enough' });
    const pooled = nodeEvent('node.dispatched', of(), 10, { pool: 'gpu', deadline: 99 });
    for (const start of [nodeEvent('node.started', of(), 10, {}), pooled])
      expect(fold(start, cancelled).visits[0]!.attempts).toMatchObject([{ outcome: 'interrupted', endedAt: 30 }]);
  });

  it('tells waits and steps', () => {
    const wait = { key: 'k', awaits: { kind: 'event', name: 'go' }, wake_at: 99, reason: 'why' } as const;
    const usage = { model_calls: 1, prompt_tokens: 7, completion_tokens: 3, cost_micros: 2, model: 'local/m', agent: 'w' };
    const { visits } = fold(
      ...[
        nodeEvent('node.started', of(), 10, {}),
        nodeEvent('step.completed', of(), 11, { key: 's', output: 'x'.repeat(50), usage }),
      ],
      ...[
        nodeEvent('node.suspended', of(), 12, wait),
        nodeEvent('node.resumed', of(), 50, { key: 'k', output: null, signal_id: 3 }),
      ],
    );
    expect(visits[0]).toMatchObject({
      attempts: [{ outcome: 'suspended', endedAt: 12 }],
      steps: [
        { key: 's', attempt: 1, at: 11, output: { bytes: 52, truncated: true }, usage: { modelCalls: 1, model: 'local/m' } },
      ],
      waits: [{ key: 'k', awaits: { kind: 'event', name: 'go' }, since: 12, until: 99, endedAt: 50, endedBy: 'signal' }],
    });
  });

  it('keeps visits apart, and undoing from doing', () => {
    const { visits, undoing } = fold(
      ...[nodeEvent('node.started', of(), 10, {}), nodeEvent('node.repeated', of(), 12, { output: 1 })],
      ...[nodeEvent('node.started', of(1, 2), 13, {}), nodeEvent('node.completed', of(1, 2), 14, { output: 2 })],
      runEvent('run.compensating', 15, { error: ERROR, node_id: 'b' }),
      ...[
        nodeEvent('compensation.started', of(1, 2), 16, {}),
        nodeEvent('step.completed', of(1, 2), 17, { key: 'u', output: 1 }),
      ],
      nodeEvent('compensation.failed', of(1, 2), 18, { error: ERROR, retry_at: 20 }),
      ...[
        nodeEvent('compensation.started', of(2, 2), 20, {}),
        nodeEvent('compensation.completed', of(2, 2), 21, { output: null }),
      ],
    );
    expect(visits.map(({ visit, attempts }) => [visit, attempts.at(-1)!.outcome])).toEqual([
      [1, 'repeated'],
      [2, 'completed'],
    ]);
    expect(undoing.map(({ outcome }) => outcome)).toEqual(['failed', 'completed']);
    expect(visits[1]!.steps).toEqual([]);
  });

  it('shows what a fork has taken over, and why a node was skipped', () => {
    const kept = fold(submitted([{ id: 'a', status: 'skipped', visit: 1, output: null }]));
    expect(kept).toMatchObject({ skipped: expect.any(String), visits: [{ startedAt: null, endedAt: 1, attempts: [] }] });
    const skipped = fold(nodeEvent('node.skipped', of(0), 9, { reason: 'its condition is false' }));
    expect(skipped).toMatchObject({ skipped: 'its condition is false', visits: [{ endedAt: 9 }] });
  });
});

it('an excerpt of a large value is the beginning of its text', () => {
  expect(excerpt({ a: 1 }, 20)).toEqual({ value: { a: 1 }, bytes: 7, truncated: false });
  expect(excerpt(['x'.repeat(100)], 5)).toEqual({ value: '["xxx', bytes: 104, truncated: true });
});
