import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, runChild, type JsonValue, type NodeContext, type PatchResult } from '@baton/core';
import {
  World,
  type NodeSketch,
  type SimulatedApi,
  type SimulatedWorker,
  type Work,
} from '../../../test/support/in-memory/index.js';

let world: World;
let api: SimulatedApi;
let worker: SimulatedWorker;
let ran: string[];
/** Nodes whose handlers wait until they are let go. */
let held: Map<string, PromiseWithResolvers<void>>;
let answers: PatchResult[];
/** What a node of the type `patcher` sends, by its id. */
let patches: Map<string, JsonValue[]>;

const work: Work = async ({ nodeId, signal, outputs }) => {
  ran.push(nodeId);
  const gate = held.get(nodeId);
  const aborted = new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  aborted.catch(() => undefined);
  if (gate !== undefined) await Promise.race([gate.promise, aborted]);
  return { node: nodeId, from: Object.keys(outputs) };
};

const patcher: Work = async (context: NodeContext) => {
  ran.push(context.nodeId);
  for (const [n, patch] of (patches.get(context.nodeId) ?? []).entries())
    answers.push(await context.patch(`patch-${n}`, patch, 'I want more'));
  await held.get(context.nodeId)?.promise;
  return null;
};

/** Runs a child, and waits before and after that where it is held. */
const parent: Work = async (context) => {
  const { nodeId } = context;
  ran.push(nodeId);
  await held.get(nodeId)?.promise;
  const output = await runChild(context, 'child', { workflow: 'kids', input: nodeId });
  ran.push(`${nodeId} has its child`);
  await held.get(`${nodeId} has its child`)?.promise;
  return output;
};

const HANDLERS = {
  work,
  patcher,
  parent,
  kid: ((context) => context.input) as Work,
  agent: work,
  approval: ((context) =>
    context
      .waitFor('go', {
        ...{ awaits: { kind: 'event', name: 'go' }, until: null, reason: 'waits for go' },
      })
      .then(() => null)) as Work,
};

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  ran = [];
  held = new Map();
  answers = [];
  patches = new Map();
  worker = await start('w1');
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function start(id: string): Promise<SimulatedWorker> {
  const started = await world.worker(id, { handlers: HANDLERS }).start();
  started.waker.start();
  return started;
}

function hold(nodeId: string): PromiseWithResolvers<void> {
  const gate = Promise.withResolvers<void>();
  held.set(nodeId, gate);
  return gate;
}

const add = (id: string, dependsOn: string[], more: NodeSketch = {}): JsonValue => ({
  ...{ op: 'add', path: '/nodes/-', value: { id, type: 'work', depends_on: dependsOn, ...more } as JsonValue },
});

const ask = (runId: string, revision: number, ...patch: JsonValue[]) => ({
  ...{ tenantId: DEFAULT_TENANT, runId, revision, patch, reason: 'more', by: 'ann' },
});

const patch = (runId: string, revision: number, ...operations: JsonValue[]) =>
  api.patcher.patch(ask(runId, revision, ...operations));

const CHAIN = { a: {}, b: { depends_on: ['a'] }, c: { depends_on: ['b'] } };

async function launch(nodes: Record<string, NodeSketch> = CHAIN): Promise<string> {
  return world.launch(await world.publish('flow', nodes));
}

const isRunning = (nodeId: string): Promise<void> => world.clock.until(() => ran.includes(nodeId), `${nodeId} runs`);
const isTakenUp = (runId: string): Promise<void> =>
  world.clock.until(() => world.story(runId).includes('run.patched'), 'the patch is taken up');
const revisions = (runId: string) => api.patcher.listRevisions(DEFAULT_TENANT, runId, { limit: 10 });

describe('a run that is patched', () => {
  it('goes on with what the patch makes of it while a node is in work', async () => {
    const gate = hold('a');
    const runId = await launch();
    await isRunning('a');
    const made = await patch(
      runId,
      0,
      add('d', ['c']),
      { op: 'remove', path: '/nodes/1' },
      {
        ...{ op: 'replace', path: '/nodes/1/depends_on', value: ['a'] },
      },
    );
    expect(made).toMatchObject({
      ...{ revision: 1, status: 'waiting', by: 'ann', reason: 'more' },
      diff: {
        nodes: { added: ['d'], changed: ['c'], removed: ['b'] },
        edges: {
          added: [
            { from: 'a', to: 'c' },
            { from: 'c', to: 'd' },
          ],
          removed: [
            { from: 'a', to: 'b' },
            { from: 'b', to: 'c' },
          ],
        },
      },
    });
    await isTakenUp(runId);
    gate.resolve();
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'c', 'd']);
    expect(world.db.runs.get(runId)).toMatchObject({ revision: 1 });
    expect(world.journal(runId).at(-1)).toMatchObject({ payload: { output: { node: 'd', from: ['c'] } } });
    expect(await revisions(runId)).toMatchObject([{ revision: 1, status: 'applied', answeredAt: expect.any(Number) }]);
    expect(world.journal(runId)).toContainEqual(
      expect.objectContaining({
        type: 'run.patched',
        payload: expect.objectContaining({ revision: 1, added: ['d'], removed: ['b'] }),
      }),
    );
  });

  it('takes the patch up at its first claim when it is queued', async () => {
    const runId = await world.submit(await world.publish('flow', CHAIN));
    await patch(runId, 0, { op: 'remove', path: '/nodes/2' });
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'b']);
    expect(world.story(runId).slice(0, 3)).toEqual(['run.submitted', 'run.claimed', 'run.patched']);
  });

  it('takes the patch up while it is paused, and stays paused', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    await api.signaller.tellToPause({ tenantId: DEFAULT_TENANT, runId, reason: 'wait', by: 'ann' });
    await world.untilStatus(runId, 'paused');
    await patch(runId, 0, add('d', []));
    await isTakenUp(runId);
    await world.untilStatus(runId, 'paused');
    expect(ran).toEqual(['a']);
    held.clear();
    await api.signaller.tellToResume({ tenantId: DEFAULT_TENANT, runId, reason: 'go', by: 'ann' });
    await world.untilStatus(runId, 'completed');
    expect(ran.toSorted()).toEqual(['a', 'a', 'b', 'c', 'd']);
  });

  it('takes the patch up while it waits for an event, and keeps waiting', async () => {
    const runId = await launch({ first: {}, wait: { type: 'approval', depends_on: ['first'] }, last: { depends_on: ['wait'] } });
    await world.untilStatus(runId, 'waiting');
    await patch(runId, 0, { op: 'add', path: '/nodes/0', value: { id: 'zero', type: 'work' } });
    await world.clock.until(() => ran.includes('zero'), 'the added node runs');
    await world.untilStatus(runId, 'waiting');
    await api.signaller.sendEvent(DEFAULT_TENANT, runId, { name: 'go', payload: null });
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['first', 'zero', 'last']);
  });

  it('loses nothing when its holder dies between the patch and its taking up', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    worker.crash();
    await patch(runId, 0, add('d', ['c']));
    held.clear();
    await start('w2');
    await world.untilStatus(runId, 'completed', 60_000);
    expect(ran).toEqual(['a', 'a', 'b', 'c', 'd']);
    expect(await revisions(runId)).toMatchObject([{ status: 'applied' }]);
  });

  it('is folded alike by whoever reads it', async () => {
    const gate = hold('a');
    const runId = await launch();
    await isRunning('a');
    await patch(runId, 0, add('d', ['c']));
    gate.resolve();
    await world.untilStatus(runId, 'completed');
    const { state } = await api.inspector.inspect(world.run(runId));
    expect(state.plan.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(state.nodes.map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    expect(state.revision).toBe(1);
    expect(await api.explainer.explain(world.run(runId), await api.inspector.inspect(world.run(runId)))).toMatchObject({
      code: 'ended',
    });
  });

  it('is forked with the definition that it has', async () => {
    const gate = hold('a');
    const runId = await launch();
    await isRunning('a');
    await patch(runId, 0, add('d', ['c']));
    gate.resolve();
    await world.untilStatus(runId, 'completed');
    ran = [];
    const { run, kept, total } = await api.forker.fork({ tenantId: DEFAULT_TENANT, runId, fromNode: 'c', idempotency: null });
    expect({ kept, total }).toEqual({ kept: 2, total: 4 });
    await world.untilStatus(run.id, 'completed');
    expect(ran).toEqual(['c', 'd']);
    expect(world.run(run.id).revision).toBe(0);
    const again = await patch(runId, 1, add('e', [])).catch((error: unknown) => error);
    expect(again).toMatchObject({ code: 'run_ended' });
  });
});

describe('a patch', () => {
  it('of two on one revision is made once', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    const outcomes = await Promise.allSettled([patch(runId, 0, add('x', [])), patch(runId, 0, add('y', []))]);
    const [won, lost] = outcomes.toSorted((one) => (one.status === 'fulfilled' ? -1 : 1));
    expect(won).toMatchObject({ status: 'fulfilled', value: { revision: 1 } });
    expect(lost).toMatchObject({ reason: { code: 'stale_revision', context: { revision: 1 } } });
    expect(await revisions(runId)).toHaveLength(1);
  });

  it('that is sent again is the same', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    const first = await patch(runId, 0, add('x', []));
    expect(await patch(runId, 0, add('x', []))).toMatchObject({ revision: first.revision, token: first.token });
    expect(await revisions(runId)).toHaveLength(1);
  });

  it('is held against the one before it, taken up or not', async () => {
    const runId = await world.submit(await world.publish('flow', CHAIN));
    await patch(runId, 0, add('d', ['c']));
    await patch(runId, 1, add('e', ['d']));
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each<[string, JsonValue[], string]>([
    ['changes a node in work', [{ op: 'replace', path: '/nodes/0/config', value: { x: 1 } }], '/nodes/0'],
    [
      'removes a node in work',
      [
        { op: 'remove', path: '/nodes/0' },
        { op: 'replace', path: '/nodes/0/depends_on', value: [] },
      ],
      '/nodes/0',
    ],
    [
      'lets a node in work depend on another',
      [add('x', []), { op: 'add', path: '/nodes/0/depends_on/-', value: 'x' }],
      '/nodes/0',
    ],
  ])('that %s is refused', async (_, operations, pointer) => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    await world.clock.until(() => world.story(runId).includes('node.started a'), 'the start is journaled');
    await expect(patch(runId, 0, ...operations)).rejects.toMatchObject({
      code: 'patch_refused',
      options: { problems: [{ pointer, code: 'node_started', message: expect.stringContaining('`a` is running') }] },
    });
    expect(await revisions(runId)).toEqual([]);
  });

  it.each<[string, JsonValue[], string, string]>([
    ['a cycle', [{ op: 'replace', path: '/nodes/1/depends_on', value: ['a', 'c'] }], '/nodes/2/depends_on', 'cycle'],
    ['a dependency that there is not', [add('x', ['nobody'])], '/nodes/3/depends_on/0', 'unknown_dependency'],
    ['a bad expression', [add('x', [], { when: '1 +' })], '/nodes/3/when', 'bad_expression'],
    ['a node without a type', [{ op: 'add', path: '/nodes/-', value: { id: 'x' } }], '/nodes/3/type', 'schema'],
    ['tasks beside its nodes', [{ op: 'add', path: '/tasks', value: [] }], '/tasks', 'schema'],
    ['another name', [{ op: 'replace', path: '/name', value: 'other' }], '/name', 'not_patchable'],
    ['higher limits', [{ op: 'add', path: '/limits', value: { agents_added: 99 } }], '/limits', 'not_patchable'],
    ['nothing', [{ op: 'test', path: '/name', value: 'flow' }], '/patch', 'no_change'],
    ['a test that fails', [{ op: 'test', path: '/name', value: 'x' }, add('x', [])], '/patch/0', 'test_failed'],
    [
      'a polluted prototype',
      [{ op: 'add', path: '/nodes/0/config/__proto__/x', value: 1 }],
      '/patch/0/path',
      'forbidden_pointer',
    ],
  ])('that makes %s is not valid', async (_, operations, pointer, code) => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    const problem = expect.objectContaining({ pointer, code, remedy: expect.stringMatching(/./) });
    const error = { code: 'patch_invalid', options: { problems: expect.arrayContaining([problem]) } };
    await expect(patch(runId, 0, ...operations)).rejects.toMatchObject(error);
    expect((await api.patcher.preview(ask(runId, 0, ...operations))).problems).toContainEqual(problem);
    expect(await revisions(runId)).toEqual([]);
  });

  it('writes nothing when it is only looked at', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    const preview = await api.patcher.preview(ask(runId, 0, add('d', ['c'])));
    expect(preview).toMatchObject({
      base: 0,
      problems: [],
      diff: { nodes: { added: ['d'] }, edges: { added: [{ from: 'c', to: 'd' }] } },
    });
    expect(world.run(runId).revision).toBe(0);
    expect(world.db.inboxOf(runId)).toEqual([]);
    expect(world.db.definitions.size).toBe(0);
  });

  it('of a node that starts before it is taken up is refused in the journal, and the next one stands for itself', async () => {
    const gate = hold('a');
    const runId = await launch({ a: {}, b: { depends_on: ['a'] }, c: { depends_on: ['b'] } });
    await isRunning('a');
    // The ring is lost, and the node starts in the turn that would have read the inbox.
    const made = await patch(runId, 0, { op: 'replace', path: '/nodes/2/config', value: { late: true } });
    world.db.signals.clear();
    hold('c');
    gate.resolve();
    await isRunning('c');
    await api.runs.signal(runId, 'patch', signalOf(made), world.clock.now());
    await world.clock.until(() => world.story(runId).includes('run.patch_refused'), 'the patch is refused');
    expect(await revisions(runId)).toMatchObject([{ revision: 1, status: 'refused', refusal: expect.stringContaining('`c`') }]);
    expect((await api.patcher.readDefinition(DEFAULT_TENANT, runId)).definition.nodes[2]).toMatchObject({ id: 'c', config: {} });
    const nodesOf = async (revision: number) =>
      (await api.patcher.readDefinition(DEFAULT_TENANT, runId, revision)).definition.nodes.map(({ id }) => id);
    await patch(runId, 1, add('d', ['c']));
    expect([await nodesOf(0), await nodesOf(2)]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]);
    await expect(nodesOf(3)).rejects.toMatchObject({ code: 'not_found' });
    held.get('c')!.resolve();
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    expect(await revisions(runId)).toMatchObject([{ revision: 2, status: 'applied' }, { revision: 1 }]);
  });

  it('that comes before the end of a run is not lost: the end waits for it', async () => {
    const gate = hold('c');
    const runId = await launch();
    await isRunning('c');
    const letGo = worker.runs.calls.hold('append');
    gate.resolve();
    await world.clock.until(
      () => worker.runs.calls.requests<{ settle?: unknown }>('append').some(({ settle }) => settle),
      'the end is under way',
    );
    await patch(runId, 0, add('d', ['c']));
    letGo();
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    expect(world.story(runId).filter((line) => line === 'run.completed')).toHaveLength(1);
  });

  it('that still waits when the run is cancelled says so', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    worker.crash();
    await patch(runId, 0, add('d', []));
    await api.signaller.tellToCancel({ tenantId: DEFAULT_TENANT, runId, reason: 'enough', by: 'ann' });
    await start('w2');
    await world.untilStatus(runId, 'cancelled', 60_000);
    expect(await revisions(runId)).toMatchObject([{ status: 'refused', refusal: expect.stringContaining('ended') }]);
  });

  it('by an owner that is stale by now writes nothing', async () => {
    hold('a');
    const runId = await launch();
    await isRunning('a');
    await patch(runId, 0, add('d', ['c']));
    world.run(runId).epoch += 1;
    await world.clock.advance(5_000);
    expect(world.story(runId)).not.toContain('run.patched');
    expect(await revisions(runId)).toMatchObject([{ status: 'waiting' }]);
  });
});

describe('an undo', () => {
  it('brings back what was there, while nothing of the patch has started', async () => {
    const gate = hold('a');
    const runId = await launch();
    await isRunning('a');
    await patch(runId, 0, add('d', []), { op: 'remove', path: '/nodes/2' });
    // The holder is busy with nothing else: it takes the patch up and starts `d`.
    await isRunning('d');
    await expect(api.patcher.undo(ask(runId, 1))).rejects.toMatchObject({ code: 'patch_refused' });
    await patch(runId, 1, add('e', ['d', 'a']));
    const undone = await api.patcher.undo(ask(runId, 2));
    expect(undone).toMatchObject({
      revision: 3,
      patch: [{ op: 'remove', path: '/nodes/3' }],
      diff: { nodes: { removed: ['e'] } },
    });
    expect(await api.patcher.undo(ask(runId, 2))).toMatchObject({ revision: 3 });
    await expect(api.patcher.undo({ ...ask(runId, 2), reason: 'again' })).rejects.toMatchObject({ code: 'stale_revision' });
    gate.resolve();
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'd', 'b']);
  });

  it('is taken up together with what it undoes, and with what brings that back', async () => {
    const runId = await world.submit(await world.publish('flow', CHAIN));
    await patch(runId, 0, add('d', ['c']));
    await api.patcher.undo(ask(runId, 1));
    await patch(runId, 2, add('d', ['c']));
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    expect((await revisions(runId)).map(({ status }) => status)).toEqual(['applied', 'applied', 'applied']);
    expect(worker.told('trouble')).toEqual([]);
  });

  it('of nothing is refused', async () => {
    hold('a');
    const runId = await launch();
    await expect(api.patcher.undo(ask(runId, 0))).rejects.toMatchObject({ code: 'patch_refused' });
  });
});

describe('a node with children in a run that is patched', () => {
  it('has its own, though another node comes to stand in its place', async () => {
    await world.publish('kids', { k: { type: 'kid' } });
    const [before, after] = [hold('a'), hold('b has its child')];
    const runId = await launch({ x: { depends_on: ['b'] }, a: { type: 'parent' }, b: { type: 'parent' } });
    await isRunning('b has its child');
    await patch(runId, 0, { op: 'remove', path: '/nodes/0' });
    await isTakenUp(runId);
    before.resolve();
    after.resolve();
    await world.untilStatus(runId, 'completed');
    expect((await api.runs.findRun(runId))?.output).toEqual({ a: 'a', b: 'b' });
  });
});

describe('a node that patches its own run', () => {
  const agent = (id: string): JsonValue => add(id, ['p'], { type: 'agent', config: { role: 'draft' } });

  it('sees what it adds run after it, though it is the last node', async () => {
    patches.set('p', [[add('x', ['p']), add('y', ['x'])]]);
    const runId = await launch({ p: { type: 'patcher' } });
    await world.untilStatus(runId, 'completed');
    expect(answers).toEqual([{ accepted: true, revision: 1, added: ['x', 'y'], changed: [], removed: [] }]);
    expect(ran).toEqual(['p', 'x', 'y']);
    expect(await revisions(runId)).toMatchObject([{ by: 'node:p', reason: 'I want more', status: 'applied' }]);
  });

  it('changes what comes right after it, though no bell rings', async () => {
    patches.set('p', [[{ op: 'remove', path: '/nodes/1' }, add('x', ['p'])]]);
    worker.bell.die();
    const runId = await launch({ p: { type: 'patcher' }, next: { depends_on: ['p'] } });
    await world.untilStatus(runId, 'completed');
    expect(ran).toEqual(['p', 'x']);
    expect(await revisions(runId)).toMatchObject([{ status: 'applied' }]);
  });

  it('patches once, though it runs again', async () => {
    patches.set('p', [[add('x', ['p'])], [add('y', ['p'])]]);
    hold('p');
    const runId = await launch({ p: { type: 'patcher' } });
    await world.clock.until(() => answers.length === 2, 'both are made');
    worker.crash();
    held.clear();
    await start('w2');
    await world.untilStatus(runId, 'completed', 60_000);
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
    expect(await revisions(runId)).toHaveLength(2);
    expect(ran).toEqual(['p', 'p', 'x', 'y']);
  });

  it('patches once, though it dies before the answer is journaled', async () => {
    patches.set('p', [[add('x', ['p'])]]);
    worker.runs.calls.next('patch', { after: () => worker.crash() });
    const runId = await launch({ p: { type: 'patcher' } });
    await world.clock.until(() => world.run(runId).revision === 1, 'the patch is made');
    await start('w2');
    await world.untilStatus(runId, 'completed', 60_000);
    expect(answers).toMatchObject([{ accepted: true, revision: 1 }]);
    expect(await revisions(runId)).toHaveLength(1);
    expect(ran).toEqual(['p', 'p', 'x']);
  });

  it('is told in words why a sixth agent is one too many, and goes on', async () => {
    patches.set('p', [[agent('a1'), agent('a2')], [agent('a3'), agent('a4'), agent('a5')], [agent('a6')]]);
    const runId = await launch({ p: { type: 'patcher' } });
    await world.untilStatus(runId, 'completed');
    expect(answers).toMatchObject([
      { accepted: true, revision: 1 },
      { accepted: true, revision: 2 },
      { accepted: false, code: 'limit_exceeded', message: expect.stringContaining('6 agents to itself; 5 are allowed') },
    ]);
    expect(answers[2]).toMatchObject({
      problems: [{ pointer: '/nodes/6', remedy: expect.stringContaining('Add no more agents') }],
    });
    expect(ran.toSorted()).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'p']);
  });

  it('cannot change itself', async () => {
    patches.set('p', [[{ op: 'replace', path: '/nodes/0/config', value: { x: 1 } }], 'nonsense']);
    const runId = await launch({ p: { type: 'patcher' } });
    await world.untilStatus(runId, 'completed');
    expect(answers).toMatchObject([
      { accepted: false, code: 'patch_refused', message: expect.stringContaining('`p` is running') },
      { accepted: false, code: 'patch_invalid' },
    ]);
  });
});

function signalOf({ revision, digest, previousDigest, by, reason }: Awaited<ReturnType<typeof patch>>) {
  return { revision, digest, previous_digest: previousDigest, by, reason };
}
