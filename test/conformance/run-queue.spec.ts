import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Dispatch, QueuedDispatch, RunQueue } from '@baton/core';
import { closeWorker, type DispatchHandler, MemoryRunQueue } from '@baton/queue';
import { BullBench } from '../support/bull-bench.js';
import { RedisBench, until } from '../support/redis-clients.js';

/** A queue as the apps see it: producers in several processes, and consumers. */
interface QueueService {
  producer(): Promise<RunQueue>;
  consume(handler: DispatchHandler, concurrency: number): Promise<{ stop(): Promise<void> }>;
}

const bench = new RedisBench();

const services: Record<string, () => QueueService> = {
  bullmq: () => {
    const bull = new BullBench(bench);
    return {
      producer: () => bull.producer(),
      consume: async (handler, concurrency) => {
        const consumer = await bull.worker(handler, { concurrency });
        return { stop: async () => void (await consumer.close(5_000)) };
      },
    };
  },
  // What is enqueued by the batch are jobs of BullMQ: its own worker does them as well.
  'bullmq, with a worker of its own': () => {
    const bull = new BullBench(bench);
    return {
      producer: () => bull.producer(),
      consume: async (handler, concurrency) => {
        const worker = await bull.plainWorker(handler, { concurrency });
        return { stop: async () => void (await closeWorker(worker, 5_000)) };
      },
    };
  },
  memory: () => {
    const queue = new MemoryRunQueue();
    return {
      producer: async () => queue,
      consume: async (handler, concurrency) => {
        const consumption = queue.consume(handler, { concurrency });
        return { stop: () => consumption.close(5_000) };
      },
    };
  },
};

function dispatch(change: Partial<Dispatch> = {}): Dispatch {
  return { runId: randomUUID(), taskId: randomUUID(), generation: 0, ...change };
}

/** A handler that notes what it was given, and holds each job until it is let go. */
function gate(): { handler: DispatchHandler; started: Dispatch[]; open(): void } {
  const started: Dispatch[] = [];
  let open: () => void = () => undefined;
  let opened = new Promise<void>((resolve) => (open = resolve));
  return {
    started,
    handler: (given) => {
      started.push(given);
      return opened;
    },
    open: () => {
      open();
      opened = new Promise<void>((resolve) => (open = resolve));
    },
  };
}

describe.each(Object.keys(services))('the run queue (%s)', (name) => {
  const service = (): QueueService => services[name]!();

  test('hands each dispatch to one consumer, first in first out, and keeps nothing', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const dispatches = [
      dispatch({ taskId: null, claims: 2 }),
      ...Array.from({ length: 1_200 }, (_, generation) => dispatch({ generation })),
    ];
    await queue.enqueue(dispatches.slice(0, 1));
    await queue.enqueue(dispatches.slice(1));
    expect(await queue.depth()).toEqual({ waiting: 1_201, active: 0, delayed: 0, failed: 0 });

    const given: Dispatch[] = [];
    const consumer = await consume(async (one) => void given.push(one), 1);
    await until(() => given.length === 1_201, 10_000);
    await consumer.stop();
    expect(given).toEqual(dispatches);
    expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    expect(await queue.findMissing(dispatches)).toEqual(dispatches);
  });

  /** Who of these is given first, each by name, when one consumer takes them one by one after all have been enqueued. */
  async function orderOf(enqueued: readonly (readonly [string, Partial<QueuedDispatch>])[]): Promise<string[]> {
    const { producer, consume } = service();
    const queue = await producer();
    const names = new Map<string, string>();
    const dispatches = enqueued.map(([called, change]) => {
      const one = { ...dispatch(), ...change };
      names.set(one.runId, called);
      return one;
    });
    for (const one of dispatches) await queue.enqueue([one]);
    const given: string[] = [];
    const consumer = await consume(async ({ runId }) => void given.push(names.get(runId)!), 1);
    await until(() => given.length === enqueued.length, 20_000);
    await consumer.stop();
    expect(await queue.depth()).toMatchObject({ waiting: 0, active: 0 });
    return given;
  }

  const many = (called: string, times: number, change: Partial<QueuedDispatch>) =>
    Array.from({ length: times }, () => [called, change] as const);

  test('gives a quiet tenant its turn before the many jobs of a loud one', async () => {
    const [loud, quiet, other] = [{ tenantId: 'loud' }, { tenantId: 'quiet' }, { tenantId: 'other' }];
    const given = await orderOf([...many('loud', 200, loud), ['quiet', quiet], ...many('other', 50, other), ['quiet', quiet]]);
    expect(given.indexOf('quiet')).toBeLessThan(4);
    expect(given.indexOf('quiet', given.indexOf('quiet') + 1)).toBeLessThan(8);
    // They take turns to the last of the smaller one.
    expect(given.lastIndexOf('other')).toBeLessThan(105);
  });

  test('puts high before the others of its tenant, which gets no more turns by it than a few', async () => {
    const [loud, quiet] = [{ tenantId: 'loud' }, { tenantId: 'quiet' }];
    const high = { tenantId: 'loud', priority: 'high' } as const;
    const given = await orderOf([...many('loud', 50, loud), ...many('high', 40, high), ...many('quiet', 3, quiet)]);
    expect(given.slice(0, 11).filter((called) => called === 'high').length).toBe(8);
    expect(given.lastIndexOf('high')).toBeLessThan(55);
    expect(given.lastIndexOf('quiet')).toBeLessThan(35);
  });

  test('serves low after many others, but before the last of a stream of them', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const low = { ...dispatch(), priority: 'low' } as const;
    const stream = async (): Promise<void> => queue.enqueue(Array.from({ length: 10 }, () => dispatch()));
    await queue.enqueue([dispatch(), low]);
    await stream();
    const served: string[] = [];
    const isOver = (): boolean => served.includes(low.runId) || served.length > 2_000;
    const consumer = await consume(async ({ runId }) => {
      served.push(runId);
      // The queue is never empty of normal ones.
      if (served.length % 10 === 1 && !isOver()) await stream();
    }, 1);
    await until(isOver, 20_000);
    await consumer.stop();
    expect(served.indexOf(low.runId)).toBeGreaterThan(400);
    expect(served.indexOf(low.runId)).toBeLessThan(700);
  });

  test('keeps the turn of what was woken up while active, and knows who waits for a turn', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const { handler, started, open } = gate();
    const consumer = await consume(handler, 1);
    const woken = { ...dispatch(), tenantId: 'quiet' };
    await queue.enqueue([woken]);
    await until(() => started.length === 1);
    const others = Array.from({ length: 20 }, () => ({ ...dispatch(), tenantId: 'loud' }));
    await queue.enqueue(others.slice(0, 10));
    await queue.enqueue([woken]);
    await queue.enqueue(others.slice(10));
    expect(await queue.findMissing([woken, ...others])).toEqual([]);
    for (let ended = 1; ended <= 4; ended += 1) {
      open();
      await until(() => started.length === ended + 1);
    }
    expect(started.slice(1).map(({ runId }) => runId)).toContain(woken.runId);
    const stopped = consumer.stop();
    await new Promise(setImmediate);
    open();
    await stopped;
  });

  test('makes one job of concurrent dispatches of several producers', async () => {
    const { producer, consume } = service();
    const [first, second] = [await producer(), await producer()];
    const wanted = dispatch();
    const other = dispatch({ runId: wanted.runId, generation: 1 });
    await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? first : second).enqueue([wanted, wanted])));
    await second.enqueue([other]);
    expect(await first.depth()).toMatchObject({ waiting: 2 });

    const given: Dispatch[] = [];
    const consumer = await consume(async (one) => void given.push(one), 5);
    await until(async () => (await first.depth()).waiting === 0);
    await consumer.stop();
    expect(given).toEqual([wanted, other]);
  });

  test('runs once more what was woken up while active, however often', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const { handler, started, open } = gate();
    const consumer = await consume(handler, 5);
    const wanted = dispatch();

    await queue.enqueue([wanted]);
    await until(() => started.length === 1);
    await Promise.all([queue.enqueue([wanted]), queue.enqueue([wanted, wanted]), queue.enqueue([wanted])]);
    expect(await queue.findMissing([wanted])).toEqual([]);
    expect(started).toHaveLength(1);

    open();
    await until(() => started.length === 2);
    expect(await queue.depth()).toMatchObject({ active: 1, waiting: 0 });
    await queue.enqueue([wanted]);
    open();
    await until(() => started.length === 3);
    open();
    await until(async () => (await queue.depth()).active === 0);
    expect(started).toEqual([wanted, wanted, wanted]);
    expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });

    await queue.enqueue([wanted]);
    await until(() => started.length === 4);
    open();
    await consumer.stop();
  });

  test('forgets a dispatch whose handler threw: it is missing, counted as failed, and can be made again', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const wanted = dispatch();
    const given: Dispatch[] = [];
    const consumer = await consume(async (one) => {
      given.push(one);
      if (given.length === 1) throw new Error('planted');
    }, 5);
    await queue.enqueue([wanted]);
    await until(async () => (await queue.depth()).failed === 1);
    expect(await queue.findMissing([wanted])).toEqual([wanted]);
    await queue.enqueue([wanted]);
    await until(() => given.length === 2);
    await consumer.stop();
  });

  test('tells which dispatches have no job', async () => {
    const { producer } = service();
    const queue = await producer();
    const dispatches = Array.from({ length: 1_100 }, () => dispatch());
    await queue.enqueue(dispatches.filter((_, index) => index % 3 !== 0));
    expect(await queue.findMissing(dispatches)).toEqual(dispatches.filter((_, index) => index % 3 === 0));
    expect(await queue.findMissing([])).toEqual([]);
  });

  test('knows of nothing that a stranger has taken', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const { handler, started, open } = gate();
    const consumer = await consume(handler, 5);
    await queue.enqueue([dispatch(), dispatch()]);
    await until(() => started.length === 2);
    expect(await queue.findTaken(['nobody'])).toEqual([]);
    expect(await queue.findTaken([])).toEqual([]);
    open();
    await consumer.stop();
  });

  test('keeps to the concurrency, and stops without taking more', async () => {
    const { producer, consume } = service();
    const queue = await producer();
    const { handler, started, open } = gate();
    const consumer = await consume(handler, 3);
    await queue.enqueue(Array.from({ length: 10 }, () => dispatch()));
    await until(async () => (await queue.depth()).active === 3);
    const stopped = consumer.stop();
    await new Promise(setImmediate);
    open();
    await stopped;
    expect(started).toHaveLength(3);
    expect(await queue.depth()).toMatchObject({ waiting: 7, active: 0 });
  });

  test('tells one of many callers that it is new', async () => {
    const { producer } = service();
    const producers = [await producer(), await producer(), await producer()];
    const told = await Promise.all(Array.from({ length: 12 }, (_, index) => producers[index % 3]!.takeWipeNotice()));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(await producers[0]!.takeWipeNotice()).toBe(false);
  });

  test('answers a ping', async () => {
    expect(await (await service().producer()).ping()).toBe(true);
  });
});

test('a process that ends waits for its active jobs no longer than its grace', async () => {
  const queue = new MemoryRunQueue();
  const consumption = queue.consume(() => new Promise(() => undefined), { concurrency: 1 });
  await queue.enqueue([dispatch()]);
  const start = performance.now();
  await consumption.close(100);
  expect(performance.now() - start).toBeLessThan(1_000);
});
