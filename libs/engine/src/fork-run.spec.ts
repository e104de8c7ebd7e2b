import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type JsonValue } from '@baton/core';
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
let broken: Set<string>;

const work: Work = ({ runId, nodeId, input, outputs }) => {
  ran.push(`${runId} ${nodeId}`);
  if (broken.has(nodeId)) throw new Error('broken');
  return { node: nodeId, input, from: Object.keys(outputs) };
};

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  ran = [];
  broken = new Set();
  worker = await world.worker('w1', { handlers: { work } }).start();
  worker.waker.start();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

/** Two chains of four after a first node, and a last one behind both: ten nodes. */
function tenNodes(change: Record<string, NodeSketch> = {}): Record<string, NodeSketch> {
  const nodes: Record<string, NodeSketch> = { first: {} };
  for (const side of ['l', 'r'])
    for (let n = 1; n <= 4; n += 1) nodes[`${side}${n}`] = { depends_on: [n === 1 ? 'first' : `${side}${n - 1}`] };
  nodes['last'] = { depends_on: ['l4', 'r4'] };
  for (const [id, node] of Object.entries(change)) nodes[id] = { ...nodes[id], ...node };
  return nodes;
}

async function ended(
  nodes: Record<string, NodeSketch>,
  status: 'completed' | 'failed',
  input: JsonValue = 'old',
): Promise<string> {
  const runId = await world.launch(await world.publish('flow', nodes), input);
  await world.untilStatus(runId, status);
  ran = [];
  return runId;
}

const fork = (runId: string, fromNode: string, more: { input?: JsonValue } = {}) =>
  api.forker.fork({ tenantId: DEFAULT_TENANT, runId, fromNode, idempotency: null, ...more });

describe('a fork from the middle of a finished run', () => {
  it('runs the chosen node and its descendants alone, with the edited input', async () => {
    const runId = await ended(tenNodes(), 'completed');
    const { run, kept, total } = await fork(runId, 'l3', { input: 'new' });
    expect([kept, total, run.forkedFrom]).toEqual([7, 10, runId]);
    await world.untilStatus(run.id, 'completed');
    expect(ran).toEqual(['l3', 'l4', 'last'].map((node) => `${run.id} ${node}`));
    const [submitted] = world.journal(run.id);
    expect(submitted).toMatchObject({ seq: 1, epoch: 0, payload: { forked_from: { run_id: runId, nodes: ['l3'] } } });
    expect((await api.runs.findRun(run.id))?.output).toEqual({ node: 'last', input: 'new', from: ['l4', 'r4'] });
    expect(world.run(runId)).toMatchObject({ status: 'completed', input: 'old' });
  });

  it('goes on after a crash with what it has taken over', async () => {
    const runId = await ended(tenNodes(), 'completed');
    worker.crash();
    const { run } = await fork(runId, 'r4');
    const second = await world.worker('w2', { handlers: { work } }).start();
    second.waker.start();
    await world.untilStatus(run.id, 'completed');
    expect(ran).toEqual(['r4', 'last'].map((node) => `${run.id} ${node}`));
  });

  it('can be forked itself', async () => {
    const { run: first } = await fork(await ended(tenNodes(), 'completed'), 'last');
    await world.untilStatus(first.id, 'completed');
    const { run, kept } = await fork(first.id, 'l4');
    expect([kept, run.forkedFrom]).toEqual([8, first.id]);
  });

  it('is a run of the same task: never two at once', async () => {
    await world.createTask('t');
    const workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] } });
    const runId = await world.launch(workflow, null, 't');
    await world.untilStatus(runId, 'completed');
    worker.crash();
    const { run } = await fork(runId, 'b');
    expect(world.db.tasks.get('t')).toMatchObject({ status: 'running', liveRunId: run.id });
    await expect(fork(runId, 'a')).rejects.toMatchObject({ code: 'already_running', context: { live_run_id: run.id } });
  });

  it('refuses what it cannot do', async () => {
    const runId = await ended({ a: {} }, 'completed');
    await expect(fork(runId, 'zz')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(fork('none', 'a')).rejects.toMatchObject({ code: 'run_not_found' });
    const other = { tenantId: 'other', runId, fromNode: 'a', idempotency: null };
    await expect(api.forker.fork(other)).rejects.toMatchObject({ code: 'run_not_found' });
  });
});

describe('a retry', () => {
  it('runs what failed, and what comes after it', async () => {
    broken.add('r2');
    const runId = await ended(tenNodes({ r2: { retry: { max_attempts: 1 } } }), 'failed');
    const before = new Set(
      world
        .story(runId)
        .filter((line) => line.startsWith('node.completed'))
        .map((line) => line.split(' ')[1]),
    );
    broken.clear();
    const { run } = await api.forker.retry(DEFAULT_TENANT, runId, null);
    await world.untilStatus(run.id, 'completed');
    const again = ran.map((line) => line.split(' ')[1]!);
    expect(again).toContain('r2');
    expect(again.filter((node) => before.has(node))).toEqual([]);
    expect(again.length + before.size).toBe(10);
  });

  it('of a cancelled run goes on from where it stood', async () => {
    const nodes = { a: {}, b: { depends_on: ['a'], type: 'hangs' } };
    const runId = await world.submit(await world.publish('flow', nodes));
    const hanging = await world
      .worker('w2', { handlers: { work, hangs: () => new Promise<JsonValue>(() => undefined) } })
      .start();
    hanging.waker.start();
    world.dispatch(runId);
    await world.clock.until(() => world.story(runId).includes('node.started b'), 'b hangs');
    await expect(api.forker.retry(DEFAULT_TENANT, runId, null)).rejects.toMatchObject({ code: 'run_not_ended' });
    const wish = { tenantId: DEFAULT_TENANT, runId, reason: 'x', by: 'ann' };
    await api.signaller.tellToCancel(wish);
    await world.untilStatus(runId, 'cancelled');
    const { kept } = await api.forker.retry(DEFAULT_TENANT, runId, null);
    expect(kept).toBe(1);
  });

  it('refuses a run in which nothing failed', async () => {
    const runId = await ended({ a: {} }, 'completed');
    await expect(api.forker.retry(DEFAULT_TENANT, runId, null)).rejects.toMatchObject({ code: 'nothing_to_retry' });
  });
});
