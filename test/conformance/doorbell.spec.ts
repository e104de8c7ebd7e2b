import { describe, expect, test } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import type { Doorbell, Ring } from '@baton/core';
import { MemoryDoorbell, RedisDoorbell } from '@baton/queue';
import { freshName, RedisBench, until } from '../support/redis-clients.js';

const bench = new RedisBench();

/** Doorbells of as many processes as the adapter can reach; in process, that is one. */
const services: Record<string, () => Promise<Doorbell[]>> = {
  redis: async () => {
    const channel = freshName();
    const doorbells = await Promise.all(
      [0, 1, 2].map(async () => new RedisDoorbell(await bench.connect('queue'), await bench.connect('subscriber'), { channel })),
    );
    await until(() => doorbells.every((doorbell) => doorbell.isHealthy()));
    return doorbells;
  },
  memory: async () => [new MemoryDoorbell()],
};

function journal(runId: string, seq: number): Ring {
  return { kind: 'journal', runId, taskId: null, seq, ended: false };
}

describe.each(Object.keys(services))('the doorbell (%s)', (name) => {
  test('is heard by its own process ring by ring, and by all others in order, where the last of a run stands for those before', async () => {
    const doorbells = await services[name]!();
    const heard = doorbells.map((doorbell) => {
      const rings: Ring[] = [];
      doorbell.listen((ring) => rings.push(ring));
      return rings;
    });
    const rung: Ring[] = [];
    for (let seq = 1; seq <= 20; seq += 1) {
      const rings: Ring[] = [journal('r1', seq), { kind: 'journal', runId: 'r2', taskId: 't2', seq, ended: true }];
      rung.push(...rings);
      doorbells[0]!.ring(rings);
      await new Promise(setImmediate);
    }
    doorbells[0]!.ring([{ kind: 'inbox', runId: 'r1', workerId: 'w1' }]);
    rung.push({ kind: 'inbox', runId: 'r1', workerId: 'w1' });
    await until(() => heard.every((rings) => rings.at(-1)?.kind === 'inbox'));
    const [own, ...others] = heard;
    expect(own).toEqual(rung);
    for (const rings of others) {
      expect(rings.slice(-3)).toEqual(rung.slice(-3));
      expect(rings).toEqual(rung.filter((ring) => rings.some((other) => isDeepStrictEqual(other, ring))));
    }
  });

  test('tells of a death', async () => {
    const doorbells = await services[name]!();
    const heard = doorbells.map((doorbell) => {
      const rings: Ring[] = [];
      doorbell.listen((ring) => rings.push(ring));
      return rings;
    });
    doorbells[0]!.ring([{ kind: 'death', workerId: 'w1' }]);
    await until(() => heard.every((rings) => rings.length > 0));
    expect(heard).toEqual(doorbells.map(() => [{ kind: 'death', workerId: 'w1' }]));
  });

  test('is heard at once in its own process', async () => {
    const [doorbell] = await services[name]!();
    const heard: Ring[] = [];
    doorbell!.listen((ring) => heard.push(ring));
    doorbell!.ring([journal('r1', 1), journal('r1', 2)]);
    expect(heard).toEqual([journal('r1', 1), journal('r1', 2)]);
  });

  test('is not heard any more by who has stopped listening, and by the others although one throws', async () => {
    const [doorbell] = await services[name]!();
    const heard: string[] = [];
    doorbell!.listen(() => {
      throw new Error('planted');
    });
    const stop = doorbell!.listen(() => heard.push('first'));
    doorbell!.listen(() => heard.push('second'));
    doorbell!.ring([journal('r1', 1)]);
    stop();
    stop();
    doorbell!.ring([journal('r1', 2)]);
    expect(heard).toEqual(['first', 'second', 'second']);
  });

  test('is healthy', async () => {
    expect((await services[name]!()).every((doorbell) => doorbell.isHealthy())).toBe(true);
  });
});
