import { describe, expect, it } from '@jest/globals';
import { nodeEvent, runEvent, type EventDraft, type JournalEvent } from './journal-event.js';
import { NodeTimes } from './node-times.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

const definition = (type = 'echo') =>
  WorkflowDefinitionSchema.parse({
    name: 'flow',
    nodes: [
      { id: 'a', type },
      { id: 'b', type: 'http' },
    ],
  });
const events = (...drafts: EventDraft[]): JournalEvent[] =>
  drafts.map((draft, n) => ({ ...draft, runId: 'r', seq: n + 1, epoch: 1 }));
const started = (id: string, at: number, attempt = 1) => nodeEvent('node.started', { id, visit: 1, attempt }, at, {});
const completed = (id: string, at: number) => nodeEvent('node.completed', { id, visit: 1, attempt: 1 }, at, { output: null });
const repeated = (id: string, at: number) => nodeEvent('node.repeated', { id, visit: 1, attempt: 1 }, at, { output: null });
const failed = (id: string, at: number, retryAt: number | null) =>
  nodeEvent('node.failed', { id, visit: 1, attempt: 1 }, at, {
    error: { code: 'node_failed', message: 'no' },
    retry_at: retryAt,
  });

const measure = (...runs: EventDraft[][]) => {
  const times = new NodeTimes();
  for (const run of runs) times.addRun(definition(), events(...run));
  return Object.fromEntries(times.medians());
};

describe('the times of nodes', () => {
  it('reach from the first start to the end, retries and waits included', () => {
    const run = [runEvent('run.claimed', 0, { worker_id: 'w' }), started('a', 100), failed('a', 200, 900), started('a', 900, 2)];
    expect(measure([...run, completed('a', 1_600)])).toEqual({ 'echo/a': 1.5 });
  });

  it('are of all visits together', () => {
    expect(measure([started('a', 0), repeated('a', 1_000), started('a', 5_000), completed('a', 7_000)])).toEqual({ 'echo/a': 3 });
  });

  it('are the median of the runs', () => {
    const took = (ms: number) => [started('a', 0), completed('a', ms)];
    expect(measure(took(1_000), took(9_000), took(2_000))).toEqual({ 'echo/a': 2 });
    expect(measure(took(1_000), took(2_000))).toEqual({ 'echo/a': 1.5 });
  });

  it('leave out what did not complete, and what the definition does not have', () => {
    expect(measure([started('a', 0), failed('a', 5, null), started('b', 5), started('c', 5), completed('c', 9)])).toEqual({});
    expect(measure([completed('a', 5)])).toEqual({ 'echo/a': 0 });
  });

  it('are told apart by the type of the node', () => {
    const times = new NodeTimes();
    times.addRun(definition('wait'), events(started('a', 0), completed('a', 60_000)));
    times.addRun(definition(), events(started('a', 0), completed('a', 1_000)));
    expect(Object.fromEntries(times.medians())).toEqual({ 'wait/a': 60, 'echo/a': 1 });
  });
});
