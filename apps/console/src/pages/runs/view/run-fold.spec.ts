import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../../live/protocol.js';
import { RunFold, type PlannedNode } from './run-fold.js';

const PLAN: PlannedNode[] = [
  { id: 'a', type: 'work' },
  { id: 'b', type: 'work', depends_on: ['a'] },
  { id: 'c', type: 'work', depends_on: ['a', 'b'], on_error: 'continue' },
  { id: 'd', type: 'work', depends_on: ['c'] },
];

let events: RunEvent[];
let fold: RunFold;

beforeEach(() => {
  events = [];
  fold = new RunFold(PLAN);
});

const at = (seq: number): string => new Date(seq * 1_000).toISOString();

/** `node.started a` as the next event, a second after the one before. */
function happens(story: string, payload: Record<string, unknown> = {}, attempt = 1, visit = 1): void {
  const [type, node = null] = story.split(' ');
  const seq = events.length + 1;
  const place = node === null ? { visit: 0, attempt: 0 } : { visit, attempt };
  events.push({ run_id: 'r', seq, epoch: 1, type: type!, node_id: node, ...place, at: at(seq), payload });
  fold.take(events);
}

const nodeOf = (id: string) => fold.view().nodes.find((node) => node.id === id)!;
const statuses = (): string =>
  fold
    .view()
    .nodes.map(({ status }) => status)
    .join(' ');

describe('the view of a run', () => {
  it('lights the nodes up as the journal says, whether it comes at once or bit by bit', () => {
    happens('run.submitted');
    expect(statuses()).toBe('ready pending pending pending');
    happens('run.claimed', { worker_id: 'w' });
    happens('node.started a');
    expect([statuses(), fold.view().status]).toEqual(['running pending pending pending', 'running']);
    happens('node.completed a', { output: { n: 1 } });
    happens('node.skipped b', { reason: 'not wanted' });
    expect(statuses()).toBe('completed skipped ready pending');
    const whole = new RunFold(PLAN);
    whole.take(events);
    expect(whole.view()).toEqual(fold.view());
    expect(nodeOf('a')).toMatchObject({
      output: { n: 1 },
      attempts: [{ startedAt: 3_000, endedAt: 4_000, outcome: 'completed' }],
    });
    expect(nodeOf('b').skipped).toBe('not wanted');
  });

  it('keeps what is the same, so that it is not drawn anew', () => {
    happens('run.submitted');
    const before = fold.view();
    happens('node.started a');
    const after = fold.view();
    expect(after).not.toBe(before);
    expect(after.nodes[1]).toBe(before.nodes[1]);
    expect(after.nodes[0]).not.toBe(before.nodes[0]);
  });

  it('shows tries, the pause before the next one, and the failure that stays', () => {
    happens('run.submitted');
    happens('node.started a');
    happens('node.failed a', { error: { code: 'x', message: 'no' }, retry_at: 9_000 });
    expect(nodeOf('a')).toMatchObject({ status: 'retrying', attempts: [{ outcome: 'failed', retryAt: 9_000 }] });
    happens('node.started a', {}, 2);
    happens('node.failed a', { error: { code: 'y', message: 'never' }, retry_at: null }, 2);
    expect(nodeOf('a')).toMatchObject({
      status: 'failed',
      attempt: 2,
      error: { code: 'y' },
      attempts: [{}, { error: { code: 'y' } }],
    });
    expect(statuses()).toBe('failed pending pending pending');
  });

  it('goes on after a failure that the run survives', () => {
    happens('run.submitted');
    happens('node.completed a', { output: 1 });
    happens('node.completed b', { output: 1 });
    happens('node.failed c', { error: { code: 'x', message: 'no' }, retry_at: null });
    expect(statuses()).toBe('completed completed failed ready');
  });

  it('loses the attempts of a worker that died, but not those in a pool', () => {
    happens('run.submitted');
    happens('node.completed a', { output: 1 });
    happens('node.started b');
    happens('run.claimed', { worker_id: 'w2' });
    expect(nodeOf('b')).toMatchObject({ status: 'ready', attempts: [{ outcome: 'lost', endedAt: 4_000 }] });
    happens('node.dispatched b', { pool: 'gpu' }, 2);
    happens('run.claimed', { worker_id: 'w3' });
    expect(nodeOf('b')).toMatchObject({ status: 'dispatched', attempts: [{}, { pool: 'gpu', outcome: null }] });
  });

  it('tells waits, and counts what models have used', () => {
    happens('run.submitted');
    happens('node.started a');
    const usage = { model: 'm', model_calls: 1, prompt_tokens: 5, completion_tokens: 2, cost_micros: 30 };
    happens('step.completed a', { key: 'call', output: 'yes', usage });
    happens('step.completed a', { key: 'again', output: 'yes', usage });
    happens('node.suspended a', { key: 'k', awaits: { kind: 'approval' }, wake_at: null, reason: 'a person decides' });
    happens('run.waiting', { wake_at: null, reason: 'x' });
    expect(nodeOf('a')).toMatchObject({ status: 'waiting', waits: [{ since: 5_000, endedAt: null }], usage: { costMicros: 60 } });
    happens('node.resumed a', { key: 'k', output: null, signal_id: 1 });
    expect(nodeOf('a')).toMatchObject({
      status: 'ready',
      waits: [{ endedAt: 7_000 }],
      steps: [{ key: 'call' }, { key: 'again' }],
    });
    expect(fold.view()).toMatchObject({ usage: { calls: 2, promptTokens: 10 } });
    expect(fold.view().usageByModel.get('m')).toMatchObject({ costMicros: 60 });
  });

  it('takes over what a fork keeps, and undoes what is undone', () => {
    happens('run.submitted', { snapshot: [{ id: 'a', status: 'completed', visit: 1, output: 'old' }] });
    expect([statuses(), nodeOf('a').isKept]).toEqual(['completed ready pending pending', true]);
    happens('run.compensating', { error: { code: 'x', message: 'no' }, node_id: 'b' });
    happens('compensation.started a');
    happens('compensation.completed a', { output: null });
    happens('run.failed', { error: { code: 'x', message: 'no' } });
    expect([nodeOf('a').undo, nodeOf('a').status, fold.view().hasEnded]).toEqual(['completed', 'completed', true]);
  });
});
