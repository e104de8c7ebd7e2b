import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError } from '@baton/core';
import {
  MemoryCircuitStore,
  refuse,
  World,
  type NodeSketch,
  type SimulatedWorker,
  type Work,
} from '../../../test/support/in-memory/index.js';

let world: World;
let calls: string[];
let isDead: boolean;

beforeEach(() => {
  world = new World();
  calls = [];
  isDead = true;
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const TARGET = 'https://a.test';
const target = (): string => TARGET;
const POLICY = { failure_threshold: 3, timeout: 30 };
const RETRY = { max_attempts: 2, backoff: 'fixed', initial_ms: 1_000, jitter: 0 };

/** Calls a target that answers unless it is dead. */
const call: Work = ({ nodeId }) => {
  calls.push(nodeId);
  if (isDead) throw new BatonError('http_failed', 'answered 503', { status: 503 }, { retryable: true });
  return nodeId;
};

async function startWorker(id: string, handlers: Record<string, Work> = {}): Promise<SimulatedWorker> {
  const settings = { handlers: { call, ...handlers }, targets: { call: target, bad: target, slow: target } };
  const worker = await world.worker(id, settings).start();
  worker.waker.start();
  return worker;
}

async function launch(nodes: Record<string, NodeSketch>, name = 'flow'): Promise<string> {
  return world.launch(await world.publish(name, nodes, { circuit_breaker: POLICY }));
}

const circuit = () => world.db.circuits.circuits.get(`default ${TARGET}`);
const isOpen = () => (circuit()?.openedAt ?? null) !== null;
const trio = (type = 'call') => ({ a: { type, retry: RETRY }, b: { type, retry: RETRY }, c: { type, retry: RETRY } });

describe('the circuit of a target', () => {
  it('opens for all workers: the second one calls nothing that the first one found dead', async () => {
    const first = await startWorker('w1');
    const runId = await launch(trio());
    await world.clock.until(isOpen, 'it is open');
    expect(first.told('circuitOpened')).toMatchObject([{ target: TARGET, failures: 3, lastError: 'answered 503', ms: 30_000 }]);
    first.crash();
    await startWorker('w2');
    const second = await launch({ d: { type: 'call' } }, 'other');
    await world.clock.until(() => world.story(second).includes('node.failed d'), 'it was refused');
    expect(calls).toEqual(['a', 'b', 'c']);
    const refused = world.journal(second).find(({ type }) => type === 'node.failed')!;
    expect(refused.payload).toMatchObject({
      error: { code: 'circuit_open', retryable: true, details: { target: TARGET } },
      retry_at: circuit()!.openUntil,
    });
    isDead = false;
    await world.untilStatus(second, 'completed');
    await world.untilStatus(runId, 'completed');
    expect(circuit()).toMatchObject({ failures: 0, openedAt: null, lastError: 'answered 503' });
  });

  it('lets one call try, at whichever worker, and closes when it is answered', async () => {
    const workers = [await startWorker('w1'), await startWorker('w2')];
    const nodes = Object.fromEntries(
      Array.from({ length: 6 }, (_, n) => [`n${n}`, { type: 'call', retry: { ...RETRY, max_attempts: 5 } }]),
    );
    const runs = [await launch(nodes, 'one'), await launch(nodes, 'two')];
    await world.clock.until(isOpen, 'it is open');
    await world.clock.settle();
    const before = calls.length;
    const openUntil = circuit()!.openUntil!;
    await world.clock.until(() => calls.length > before, 'one tries');
    expect(world.clock.now()).toBeGreaterThanOrEqual(openUntil);
    await world.clock.until(() => circuit()!.openUntil! > openUntil, 'it has failed');
    expect(calls.length).toBe(before + 1);
    isDead = false;
    for (const runId of runs) await world.untilStatus(runId, 'completed');
    expect(workers.flatMap((worker) => worker.told('circuitClosed'))).toEqual([expect.objectContaining({ target: TARGET })]);
  });

  it('takes no try from a node whose call it refused', async () => {
    const worker = await startWorker('w1');
    const runId = await launch(trio());
    await world.clock.until(isOpen, 'it is open');
    // Each node has one try left; only those that really call use it up.
    await world.untilStatus(runId, 'failed');
    const failures = world.journal(runId).filter(({ type }) => type === 'node.failed');
    const refused = failures.filter(({ payload }) => JSON.stringify(payload).includes('circuit_open'));
    expect(refused.length).toBeGreaterThan(0);
    expect(failures.length - refused.length).toBe(calls.length);
    expect(calls.length).toBe(4);
    expect((await worker.runs.findRun(runId))?.error).toMatchObject({ code: 'http_failed' });
  });

  it('runs no child of a refused node anew: what came of it is known', async () => {
    const parent: Work = async (context) => {
      const [child] = await context.runChildren('child', { workflow: 'kids', inputs: [1] });
      return child!.status;
    };
    const child = Promise.withResolvers<never>();
    await startWorker('w1', { slow: parent, kid: () => child.promise });
    await world.publish('kids', { k: { type: 'kid', retry: { max_attempts: 1 } } });
    const runId = await launch({ a: { type: 'slow', retry: RETRY } }, 'parents');
    await world.untilStatus(runId, 'waiting');
    await launch(trio());
    await world.clock.until(isOpen, 'it is open');
    child.reject(new Error('no'));
    await world.clock.until(() => world.story(runId).includes('node.failed a'), 'it was refused');
    isDead = false;
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId).filter((line) => line === 'children.started a')).toHaveLength(1);
    expect((await world.api('api').runs.findRun(runId))?.output).toBe('failed');
  });

  it('is told as the reason why the run waits', async () => {
    await startWorker('w1');
    const runId = await launch(trio());
    await world.untilStatus(runId, 'waiting');
    await world.clock.until(() => world.story(runId).filter((line) => line.startsWith('node.failed')).length >= 6, 'all wait');
    await world.untilStatus(runId, 'waiting');
    const api = world.api('api');
    const run = (await api.runs.findRun(runId))!;
    const why = await api.explainer.explain(run, await api.inspector.inspect(run));
    const { openedAt, openUntil } = circuit()!;
    expect(why).toMatchObject({ code: 'circuit_open', target: TARGET, since: openedAt, until: openUntil, others: 2 });
    expect(why.sentence).toContain(`calls to ${TARGET} are stopped since`);
  });

  it('minds timeouts, and neither bad input nor what was stopped', async () => {
    const worker = await startWorker('w1', {
      bad: () => {
        throw new BatonError('expression_failed', 'no such key');
      },
      slow: () => new Promise(() => undefined),
    });
    const once = { retry: { max_attempts: 1 } };
    await world.untilStatus(await launch({ a: { type: 'bad', ...once } }, 'bad'), 'failed');
    const stopped = await launch({ a: { type: 'slow' } }, 'stopped');
    await world.clock.until(() => world.story(stopped).includes('node.started a'), 'it is in work');
    await worker.runs.signal(stopped, 'cancel', {}, world.clock.now());
    await world.untilStatus(stopped, 'cancelled');
    expect(circuit()).toBeUndefined();
    await world.untilStatus(await launch({ a: { type: 'slow', timeout: 1, ...once } }, 'slow'), 'failed');
    expect(circuit()).toMatchObject({ failures: 1, lastError: 'The attempt took longer than 1000 ms.' });
  });

  it('costs a target that is well one question a second, and its calls one statement in a while', async () => {
    isDead = false;
    const worker = await startWorker('w1');
    const nodes = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`n${n}`, { type: 'call' }]));
    const runId = await launch(nodes);
    await world.untilStatus(runId, 'completed');
    await world.clock.until(() => world.db.circuits.calls.length > 0, 'the calls are counted');
    expect(worker.circuits.calls.log.map(({ operation }) => operation)).toEqual(['listTroubled', 'addCalls', 'forget']);
    expect(world.db.circuits.calls).toMatchObject([{ target: TARGET, calls: 50, failures: 0 }]);
  });

  it('does not stop calls when nobody can be asked', async () => {
    isDead = false;
    const worker = await startWorker('w1');
    const away = refuse(new BatonError('storage_unavailable', 'away'));
    for (const operation of ['listTroubled', 'find', 'replace', 'addCalls']) worker.circuits.calls.every(operation, away);
    const runId = await launch(trio());
    await world.untilStatus(runId, 'completed');
    isDead = true;
    const failed = await launch(trio(), 'dead');
    await world.untilStatus(failed, 'failed');
    expect((await worker.runs.findRun(failed))?.error).toMatchObject({ code: 'http_failed' });
    expect(worker.told('trouble').length).toBeGreaterThan(0);
  });

  it('lets the next call try when the one that tried was stopped by no fault of the target', async () => {
    const { breaker } = await startWorker('w1');
    const key = { tenantId: 'default', target: TARGET };
    const signal = new AbortController().signal;
    const make = (work: () => Promise<string>) => breaker.call(key, { failureThreshold: 1, openMs: 10_000 }, signal, work);
    await expect(make(() => Promise.reject(new BatonError('http_failed', 'lost')))).rejects.toThrow('lost');
    await expect(make(() => Promise.resolve('not called'))).rejects.toMatchObject({ code: 'circuit_open' });
    await world.clock.advance(10_000);
    await expect(make(() => Promise.reject(new Error('paused')))).rejects.toThrow('paused');
    expect(await make(() => Promise.resolve('it is back'))).toBe('it is back');
    expect(circuit()).toMatchObject({ failures: 0, openedAt: null });
  });

  it('loses no failure to another worker that writes at the same time', async () => {
    const workers = [await startWorker('w1'), await startWorker('w2')];
    const store = new MemoryCircuitStore(world.db.circuits);
    const dead = (): Promise<never> => Promise.reject(new BatonError('http_failed', 'lost'));
    const signal = new AbortController().signal;
    const key = { tenantId: 'default', target: TARGET };
    const made = workers.flatMap(({ breaker }) => [1, 2].map(() => breaker.call(key, { failureThreshold: 9 }, signal, dead)));
    expect((await Promise.allSettled(made)).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await store.find(key)).toMatchObject({ failures: 4, openedAt: null });
  });
});
