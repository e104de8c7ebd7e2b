import { describe, expect, test } from '@jest/globals';
import type { NodeContext, WorkflowRef } from '@baton/core';
import { World } from '../../../test/support/in-memory/index.js';
import { NodePlaces, type RunNodePlaces } from './node-places.js';

/** Runs at one book, by name; who is told is written down. */
function runsAt(places: NodePlaces, ...names: string[]): { told: string[]; runs: RunNodePlaces[] } {
  const told: string[] = [];
  return { told, runs: names.map((name) => places.openFor(() => void told.push(name))) };
}

describe('the places of a worker', () => {
  test('are given while there are any, and not one more', () => {
    const places = new NodePlaces(3);
    const { told, runs } = runsAt(places, 'a', 'b');
    const [a, b] = runs as [RunNodePlaces, RunNodePlaces];
    expect([a.take(2), b.take(2), a.take(5)]).toEqual([2, 1, 0]);
    expect(places.taken).toBe(3);
    expect(told).toEqual([]);
  });

  test('go to the runs in line in turn, one each time', () => {
    const places = new NodePlaces(1);
    const { told, runs } = runsAt(places, 'busy', 'a', 'b');
    const [busy, a, b] = runs as [RunNodePlaces, RunNodePlaces, RunNodePlaces];
    busy.take(1);
    a.take(1_000);
    b.take(1);
    a.take(1_000);
    busy.release();
    expect(a.take(1_000)).toBe(1);
    a.release();
    expect(b.take(1)).toBe(1);
    b.release();
    expect(a.take(999)).toBe(1);
    expect(told).toEqual(['a', 'b', 'a']);
  });

  test('are kept for who was told, and go on where it wants them no more', () => {
    const places = new NodePlaces(1);
    const { told, runs } = runsAt(places, 'busy', 'a', 'b');
    const [busy, a, b] = runs as [RunNodePlaces, RunNodePlaces, RunNodePlaces];
    busy.take(1);
    a.take(1);
    b.take(1);
    busy.release();
    expect([told, busy.take(1), b.take(1)]).toEqual([['a'], 0, 0]);
    expect(a.take(0)).toBe(0);
    expect(told).toEqual(['a', 'b']);
    expect(b.take(1)).toBe(1);
    expect(places.taken).toBe(1);
  });

  test('are all free again when a run is let go, whatever it had, and what ends later gives nothing back', () => {
    const places = new NodePlaces(2);
    const { told, runs } = runsAt(places, 'a', 'b', 'c');
    const [a, b, c] = runs as [RunNodePlaces, RunNodePlaces, RunNodePlaces];
    a.take(2);
    b.take(1);
    c.take(1);
    a.release();
    b.close();
    expect(told).toEqual(['b', 'c']);
    a.close();
    a.release();
    expect([a.take(1), places.taken, c.take(2), places.taken]).toEqual([0, 1, 2, 2]);
    c.close();
    expect(places.taken).toBe(0);
  });
});

describe('a worker with three places', () => {
  /** A worker whose nodes end when they are told to, by `run/node`, and that counts those in work. */
  async function bench(): Promise<{
    world: World;
    started: string[];
    most: () => number;
    finish: (key: string) => void;
    publish: (name: string, width: number) => Promise<WorkflowRef>;
  }> {
    const world = new World();
    const started: string[] = [];
    const ends = new Map<string, PromiseWithResolvers<null>>();
    let [inWork, most] = [0, 0];
    const work = async ({ runId, nodeId, idempotencyKey, signal }: NodeContext): Promise<null> => {
      const key = `${runId}/${nodeId}${idempotencyKey.endsWith('/undo') ? '/undo' : ''}`;
      started.push(key);
      most = Math.max(most, (inWork += 1));
      const end = Promise.withResolvers<null>();
      ends.set(key, end);
      signal.addEventListener('abort', () => end.reject(signal.reason));
      return end.promise.finally(() => (inWork -= 1));
    };
    const fail = (): never => {
      throw new Error('no');
    };
    const worker = await world.worker('w', { handlers: { work, fail }, options: { maxNodes: 3 } }).start();
    worker.waker.start();
    return {
      ...{ world, started, most: () => most },
      finish: (key) => ends.get(key)!.resolve(null),
      publish: (name, width) => {
        const ids = Array.from({ length: width }, (_, index) => `n${index + 1}`);
        return world.publish(name, Object.fromEntries(ids.map((id) => [id, {}])), { concurrency: 50 });
      },
    };
  }

  test('has three nodes in work at most, of whichever runs, and takes the runs in turn', async () => {
    const { world, started, most, finish, publish } = await bench();
    const wide = await world.launch(await publish('wide', 8));
    await world.clock.until(() => started.length === 3, 'the wide run has all places');
    const narrow = await world.launch(await publish('narrow', 2));
    await world.clock.until(() => world.story(narrow).includes('run.claimed'), 'the narrow run is in work');
    // What waits for its place is not started, and says so nowhere.
    expect(world.story(narrow)).toEqual(['run.submitted', 'run.claimed']);
    await world.clock.advance(1_000);
    expect(world.db.workers.get('w')).toMatchObject({ capacity: { nodes: 3 }, load: { runs: 2, nodes: 3 } });
    const api = world.api('api');
    const waiting = (await api.runs.findRun(narrow))!;
    const why = await api.explainer.explain(waiting, await api.inspector.inspect(waiting));
    expect(why).toMatchObject({ code: 'at_limit', nodeId: 'n1', workerId: 'w' });
    for (let count = 0; count < 10; count += 1) {
      await world.clock.until(() => started.length >= Math.min(10, count + 3), `${count + 3} have started`);
      finish(started[count]!);
    }
    await world.untilStatus(wide, 'completed');
    await world.untilStatus(narrow, 'completed');
    expect(most()).toBe(3);
    // The line was wide, narrow, and each went to its end with what it got.
    const turns = started.slice(3, 7).map((key) => (key.startsWith(wide) ? 'wide' : 'narrow'));
    expect(turns).toEqual(['wide', 'narrow', 'wide', 'narrow']);
    for (const run of [wide, narrow])
      expect(world.story(run).filter((event) => event.startsWith('node.started'))).toHaveLength(run === wide ? 8 : 2);
    expect(world.db.problems()).toEqual([]);
  });

  test('passes on the turn of a run that is cancelled, and of one that is paused', async () => {
    const { world, started, most, finish, publish } = await bench();
    const api = world.api('api');
    const holder = await world.launch(await publish('wide', 3));
    await world.clock.until(() => started.length === 3, 'all places are taken');
    const one = await publish('one', 1);
    const runs: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      runs.push(await world.launch(one));
      await world.clock.until(() => world.story(runs[index]!).includes('run.claimed'), 'it stands in line');
    }
    await api.signaller.tellToCancel({ tenantId: 'default', runId: runs[0]!, reason: 'no more', by: 'me' });
    await world.untilStatus(runs[0]!, 'cancelled');
    await api.signaller.tellToPause({ tenantId: 'default', runId: runs[1]!, reason: 'later', by: 'me' });
    await world.untilStatus(runs[1]!, 'paused');
    finish(`${holder}/n1`);
    await world.clock.until(() => started.length === 4, 'the next one has started');
    expect(started[3]).toBe(`${runs[2]!}/n1`);
    await api.signaller.tellToCancel({ tenantId: 'default', runId: holder, reason: 'no more', by: 'me' });
    await api.signaller.tellToResume({ tenantId: 'default', runId: runs[1]!, reason: 'now', by: 'me' });
    await world.clock.until(() => started.length === 5, 'the paused one has started');
    for (const run of runs.slice(1)) {
      finish(`${run}/n1`);
      await world.untilStatus(run, 'completed');
    }
    expect(most()).toBe(3);
  });

  test('gives no place more to what undoes nodes', async () => {
    const { world, started, most, finish, publish } = await bench();
    const undone = { depends_on: ['a'], type: 'fail', on_error: 'compensate', retry: { max_attempts: 1 } };
    const saga = await world.publish('saga', { a: { compensate: { type: 'work' } }, bad: undone });
    const first = await world.launch(saga);
    await world.clock.until(() => started.length === 1, 'its first node is in work');
    const wide = await world.launch(await publish('wide', 5));
    await world.clock.until(() => started.length === 3, 'all places are taken');
    for (const [index, key] of [`${first}/a`, `${wide}/n1`, `${wide}/n2`].entries()) {
      finish(key);
      await world.clock.until(() => started.length === 4 + index, 'the wide run has got the place');
    }
    await world.clock.until(() => world.story(first).includes('run.compensating'), 'the other run is being undone');
    await world.clock.advance(100);
    expect(started.slice(3)).toEqual(['n3', 'n4', 'n5'].map((id) => `${wide}/${id}`));
    finish(`${wide}/n3`);
    await world.clock.until(() => started.length === 7, 'it is undone');
    expect(started[6]).toBe(`${first}/a/undo`);
    finish(`${first}/a/undo`);
    await world.untilStatus(first, 'failed');
    expect(most()).toBe(3);
  });
});
