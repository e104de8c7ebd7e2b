import { describe, expect, it } from '@jest/globals';
import { decide } from './decide.js';
import { failedNodes, snapshotForFork } from './fork.js';
import { nodeEvent, runEvent, type EventDraft, type KeptNode } from './journal-event.js';
import { compilePlan, type Plan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';

type Sketch = Record<string, { on?: string[]; on_error?: string; compensate?: object; when?: string }>;

const ERROR = { code: 'node_failed', message: 'x' };
const undo = { compensate: { type: 'undo' } };

function planOf(sketch: Sketch): Plan {
  const nodes = Object.entries(sketch).map(([id, { on = [], ...node }]) => ({ id, type: 'work', depends_on: on, ...node }));
  return compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes }));
}

function play(plan: Plan, drafts: readonly EventDraft[], snapshot?: KeptNode[]): RunState {
  const state = initialState(plan, { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null });
  const submitted = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' };
  const fork = snapshot === undefined ? {} : { forked_from: { run_id: 'old', seq: 9, nodes: [] }, snapshot };
  for (const draft of [runEvent('run.submitted', 1, { ...submitted, ...fork }), ...drafts])
    reduce(state, { ...draft, runId: 'r', seq: state.seq + 1, epoch: 1 });
  return state;
}

const of = (id: string) => ({ id, visit: 1, attempt: 1 });
const done = (id: string): EventDraft => nodeEvent('node.completed', of(id), 2, { output: `from ${id}` });
const failed = (id: string): EventDraft => nodeEvent('node.failed', of(id), 2, { error: ERROR, retry_at: null });
const cut = (id: string): EventDraft => nodeEvent('node.skipped', of(id), 2, { reason: 'x', cuts: true });
const idsOf = (snapshot: readonly KeptNode[]): string[] => snapshot.map(({ id }) => id);
const startsOf = (state: RunState): string[] =>
  decide(state.plan, state, 10).start.map(({ index }) => state.plan.nodes[index]!.id);

const DIAMOND: Sketch = { a: {}, b: { on: ['a'] }, c: { on: ['a'] }, d: { on: ['b', 'c'] }, e: {} };

describe('a fork', () => {
  it('keeps all but the chosen node and its descendants, and starts with the chosen one', () => {
    const plan = planOf(DIAMOND);
    const old = play(plan, ['a', 'b', 'c', 'd', 'e'].map(done));
    const snapshot = snapshotForFork(old, plan, new Set(['b']));
    expect(idsOf(snapshot).toSorted()).toEqual(['a', 'c', 'e']);
    const fork = play(plan, [], snapshot);
    expect(startsOf(fork)).toEqual(['b']);
    expect(fork.nodes[0]).toMatchObject({ status: 'completed', output: 'from a' });
  });

  it('starts what the old run had not reached, too', () => {
    const plan = planOf(DIAMOND);
    const snapshot = snapshotForFork(play(plan, [done('a'), done('b')]), plan, new Set(['b']));
    expect(startsOf(play(plan, [], snapshot)).toSorted()).toEqual(['b', 'c', 'e']);
  });

  it('keeps a branch skipped that was not taken, also where the branch depends on what runs anew, and in a fork of the fork', () => {
    const plan = planOf({
      choice: {},
      x: {},
      taken: { on: ['choice', 'x'] },
      other: { on: ['choice', 'x'] },
      after: { on: ['other'] },
    });
    const skipped = nodeEvent('node.skipped', of('other'), 2, { reason: 'x', cuts: true, by: 'choice' });
    const old = play(plan, [done('choice'), skipped, done('x'), done('taken'), cut('after')]);
    const snapshot = snapshotForFork(old, plan, new Set(['x']));
    expect(idsOf(snapshot)).toEqual(['choice', 'other', 'after']);
    const fork = play(plan, [done('x')], snapshot);
    expect(startsOf(fork)).toEqual(['taken']);
    expect(idsOf(snapshotForFork(fork, plan, new Set(['x'])))).toEqual(['choice', 'other', 'after']);
    // Whoever makes the choice anew, or asks for the branch itself, gets it.
    expect(idsOf(snapshotForFork(old, plan, new Set(['choice'])))).toEqual(['x']);
    expect(idsOf(snapshotForFork(old, plan, new Set(['other'])))).toEqual(['choice', 'x', 'taken']);
  });

  it('keeps branches that were not taken, and failures that were survived', () => {
    const plan = planOf({ a: { on_error: 'continue' }, b: { when: 'false' }, c: { on: ['b'] }, d: { on: ['a', 'c'] } });
    const old = play(plan, [failed('a'), cut('b'), cut('c'), done('d')]);
    const snapshot = snapshotForFork(old, plan, new Set(['d']));
    expect(snapshot).toEqual([
      { id: 'a', status: 'failed', visit: 1, output: null, error: ERROR },
      { id: 'b', status: 'skipped', visit: 1, output: null, cuts: true },
      { id: 'c', status: 'skipped', visit: 1, output: null, cuts: true },
    ]);
    const fork = play(plan, [], snapshot);
    expect(startsOf(fork)).toEqual(['d']);
    expect(fork.nodes.slice(0, 3)).toMatchObject([{ error: ERROR }, { cuts: true }, { cuts: true }]);
  });

  it('keeps nothing behind a node that the new definition adds', () => {
    const old = play(planOf(DIAMOND), ['a', 'b', 'c', 'd', 'e'].map(done));
    const plan = planOf({ ...DIAMOND, fresh: {}, b: { on: ['a', 'fresh'] } });
    const snapshot = snapshotForFork(old, plan, new Set());
    expect(idsOf(snapshot).toSorted()).toEqual(['a', 'c', 'e']);
    expect(startsOf(play(plan, [], snapshot))).toEqual(['fresh']);
  });

  it('undoes what it keeps in the reverse order of completion', () => {
    const plan = planOf({ a: undo, b: undo, c: { on: ['a', 'b'], on_error: 'compensate' } });
    const old = play(plan, [done('b'), done('a'), failed('c')]);
    const fork = play(plan, [failed('c')], snapshotForFork(old, plan, new Set(['c'])));
    expect(fork.undoable.map((index) => plan.nodes[index]!.id)).toEqual(['b', 'a']);
  });

  it('runs again what was undone', () => {
    const plan = planOf({ a: undo, b: { on: ['a'], on_error: 'compensate' } });
    const old = play(plan, [
      ...[done('a'), failed('b'), runEvent('run.compensating', 3, { error: ERROR, node_id: 'b' })],
      ...[nodeEvent('compensation.started', of('a'), 3, {}), nodeEvent('compensation.completed', of('a'), 3, { output: null })],
    ]);
    expect(snapshotForFork(old, plan, new Set(['b']))).toEqual([]);
  });

  it('of which everything is kept has ended', () => {
    const plan = planOf({ a: {}, b: { on: ['a'] } });
    const fork = play(plan, [], snapshotForFork(play(plan, [done('a'), done('b')]), plan, new Set()));
    expect(decide(plan, fork, 1).outcome).toEqual({ status: 'completed', output: 'from b' });
  });

  it('takes no time to speak of in a wide graph', () => {
    const sketch: Sketch = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`n${n}`, n % 100 === 0 ? undo : { on: [`n${n - 1}`], ...undo }]),
    );
    const plan = planOf(sketch);
    const old = play(plan, Object.keys(sketch).map(done));
    expect(snapshotForFork(old, plan, new Set(['n50']))).toHaveLength(9_950);
  });
});

describe('the nodes to retry', () => {
  it('are those whose failure the run did not survive, or else all that failed', () => {
    const plan = planOf({ a: { on_error: 'continue' }, b: {} });
    expect(failedNodes(play(plan, [failed('a'), done('b')]))).toEqual(['a']);
    expect(failedNodes(play(plan, [failed('a'), failed('b')]))).toEqual(['b']);
    expect(failedNodes(play(plan, [done('a')]))).toEqual([]);
  });
});
