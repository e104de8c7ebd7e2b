import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type AcquireRequest, type HeldLock, type LockPage, type RunLock, SystemClock } from '@baton/core';
import { type LockEvent, MemoryLockStore, MemoryRunLock, RedisRunLock, type RunLockOptions } from '@baton/queue';
import { RedisBench, until } from '../support/redis-clients.js';

/** A lock service: helpers that exclude one another over it, and what an operator may do to it. */
interface LockService {
  helper(options?: RunLockOptions): Promise<RunLock & { renewHeld(): Promise<void> }>;
  /** All data is gone. */
  wipe(): Promise<void>;
  /** Takes the key away from its holder. */
  seize(key: string, ttlMs?: number): Promise<void>;
}

const bench = new RedisBench();

const services: Record<string, () => LockService> = {
  redis: () => ({
    helper: async (options) => new RedisRunLock(await bench.connect('lock'), options),
    wipe: async () => void (await (await bench.connect('lock')).flushall()),
    seize: async (key, ttlMs = 60_000) => void (await (await bench.connect('lock')).set(key, 'api/thief:0', 'PX', ttlMs)),
  }),
  memory: () => {
    const store = new MemoryLockStore();
    return {
      helper: async (options) => new MemoryRunLock({ ...options, store }),
      wipe: async () => store.clear(),
      seize: async (key, ttlMs = 60_000) => {
        store.clear();
        await store.acquire({ key, value: 'api/thief:0' }, ttlMs);
      },
    };
  },
};

/** The process's clock, which a test can set forward. */
class SteppedClock extends SystemClock {
  aheadMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.aheadMs;
  }
}

function request(change: Partial<AcquireRequest> = {}): AcquireRequest {
  return { key: `task:${randomUUID()}:lock`, holder: { kind: 'worker', id: 'w1' }, operation: 'advance', ...change };
}

async function acquired(lock: RunLock, asked: AcquireRequest): Promise<HeldLock> {
  const outcome = await lock.acquire(asked);
  if (outcome.kind !== 'acquired') throw new Error(`The lock is ${outcome.kind}`);
  return outcome.lock;
}

describe.each(Object.keys(services))('the run lock (%s)', (name) => {
  const service = (): LockService => services[name]!();

  test('is held by one, who says who it is, with a fresh token of 128 bits', async () => {
    const { helper } = service();
    const [first, second] = [await helper(), await helper()];
    const asked = request();

    const held = await acquired(first, asked);
    expect(held).toMatchObject({ key: asked.key, method: name, token: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(held.isValid()).toBe(true);

    const refused = { holder: { kind: 'worker', id: 'w1' }, value: `worker/w1:${held.token}` };
    expect(await second.acquire({ ...asked, holder: { kind: 'api', id: 'a1' } })).toEqual({ kind: 'foreign', ...refused });
    expect(await second.peek(asked.key)).toEqual({ kind: 'held', ...refused });
    expect(await first.acquire(asked)).toMatchObject({ kind: 'foreign' });
  });

  test('of many at once, exactly one takes it', async () => {
    const { helper } = service();
    const helpers = await Promise.all(Array.from({ length: 5 }, () => helper()));
    const asked = request();
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => helpers[index % 5]!.acquire(asked)));
    expect(outcomes.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'foreign')).toHaveLength(49);
  });

  test('is free again after its release, which may be asked twice', async () => {
    const { helper } = service();
    const [first, second] = [await helper(), await helper()];
    const asked = request();
    const held = await acquired(first, asked);
    await Promise.all([held.release(), held.release()]);
    expect(held.isValid()).toBe(false);
    expect(await second.peek(asked.key)).toEqual({ kind: 'free' });
    const next = await acquired(second, asked);
    expect(next.token).not.toBe(held.token);
    await held.release();
    expect(await second.peek(asked.key)).toMatchObject({ kind: 'held' });
  });

  test('ends with its TTL where its holder has gone', async () => {
    const { helper, seize } = service();
    const lock = await helper();
    const asked = request();
    await seize(asked.key, 200);
    expect(await lock.acquire(asked)).toMatchObject({ kind: 'foreign' });
    expect(await lock.acquire({ ...asked, retryForMs: 2_000 })).toMatchObject({ kind: 'acquired' });
  });

  test('is believed in for its TTL less the margin, counted from before it was asked for', async () => {
    const clock = new SteppedClock();
    const held = await acquired(await service().helper({ ttlMs: 60_000, marginMs: 10_000, clock }), request());
    clock.aheadMs = 49_000;
    expect(held.isValid()).toBe(true);
    clock.aheadMs = 50_000;
    expect([held.isValid(), held.isLost]).toEqual([false, false]);
  });

  test('is waited for where it is asked to', async () => {
    const { helper } = service();
    const [first, second] = [await helper(), await helper()];
    const asked = request();
    const held = await acquired(first, asked);
    const waiting = second.acquire({ ...asked, retryForMs: 5_000 });
    expect(await second.acquire({ ...asked, retryForMs: 60 })).toMatchObject({ kind: 'foreign' });
    await held.release();
    expect(await waiting).toMatchObject({ kind: 'acquired' });
  });

  test('lives beyond its TTL while its holder lives', async () => {
    const { helper } = service();
    const [first, second] = [await helper({ ttlMs: 150 }), await helper()];
    const asked = request();
    const held = await acquired(first, asked);
    const start = performance.now();
    await until(async () => {
      expect(await second.acquire(asked)).toMatchObject({ kind: 'foreign' });
      expect(held.isLost).toBe(false);
      return performance.now() - start > 600;
    });
    expect(held.isValid()).toBe(true);
    await held.release();
  });

  test('is taken over from exactly the value that was seen', async () => {
    const { helper } = service();
    const [old, claimer] = [await helper(), await helper()];
    const asked = request();
    const held = await acquired(old, asked);
    const value = `worker/w1:${held.token}`;

    expect(await claimer.takeOver(asked, 'worker/w1:other')).toEqual({
      kind: 'foreign',
      holder: { kind: 'worker', id: 'w1' },
      value,
    });
    const taken = await claimer.takeOver({ ...asked, holder: { kind: 'worker', id: 'w2' } }, value);
    expect(taken).toMatchObject({ kind: 'acquired' });
    expect(await old.takeOver(asked, value)).toMatchObject({ kind: 'foreign', holder: { kind: 'worker', id: 'w2' } });

    await held.release();
    expect(await old.peek(asked.key)).toMatchObject({ kind: 'held', holder: { kind: 'worker', id: 'w2' } });
  });

  test('that has been freed meanwhile is taken over as a free one', async () => {
    const lock = await service().helper();
    expect(await lock.takeOver(request(), 'worker/w1:gone')).toMatchObject({ kind: 'acquired' });
  });

  test("another's token aborts the work, and the others' locks are renewed all the same", async () => {
    const { helper, seize } = service();
    const events: LockEvent[] = [];
    const told: string[] = [];
    const lock = await helper({ observer: (event) => events.push(event) });
    const stolen = await acquired(lock, request({ stillOurs: async () => true, onLost: () => told.push('stolen') }));
    await seize(stolen.key);
    const kept = await acquired(lock, request({ onLost: () => told.push('kept') }));
    await lock.renewHeld();
    await lock.renewHeld();
    expect(told).toEqual(['stolen']);
    expect([stolen.isLost, stolen.isValid()]).toEqual([true, false]);
    expect([kept.isLost, kept.isValid()]).toEqual([false, true]);
    expect(events).toEqual([
      { operation: 'advance', outcome: 'acquired' },
      { operation: 'advance', outcome: 'acquired' },
      { operation: 'advance', outcome: 'lost' },
    ]);
    await stolen.release();
    expect(await lock.peek(stolen.key)).toMatchObject({ kind: 'held', value: 'api/thief:0' });
  });

  test('is made again after a wipe where SQL says that the work is still ours, and is lost where not', async () => {
    const { helper, wipe } = service();
    const lock = await helper();
    const ours = await acquired(lock, request({ stillOurs: async () => true }));
    const lost = await acquired(lock, request({ stillOurs: async () => false }));
    const unasked = await acquired(lock, request());
    await wipe();
    await lock.renewHeld();
    await until(async () => (await lock.peek(ours.key)).kind === 'held');
    expect([ours.isValid(), ours.isLost]).toEqual([true, false]);
    expect([lost.isValid(), lost.isLost]).toEqual([false, true]);
    expect([unasked.isValid(), unasked.isLost]).toEqual([false, true]);
    expect(await lock.peek(lost.key)).toEqual({ kind: 'free' });
  });

  test('is lost where another was faster after a wipe', async () => {
    const { helper, wipe } = service();
    const [slow, fast] = [await helper(), await helper()];
    const asked = request({ stillOurs: async () => true });
    const held = await acquired(slow, asked);
    await wipe();
    const taken = await acquired(fast, asked);
    await slow.renewHeld();
    expect([held.isLost, taken.isValid()]).toEqual([true, true]);
  });

  test('is lost where another was faster while SQL was asked', async () => {
    const { helper, wipe } = service();
    const [slow, fast] = [await helper(), await helper()];
    let answer: (ours: boolean) => void = () => undefined;
    const held = await acquired(slow, request({ stillOurs: () => new Promise((resolve) => (answer = resolve)) }));
    await wipe();
    await slow.renewHeld();
    const taken = await acquired(fast, request({ key: held.key }));
    answer(true);
    await until(() => held.isLost);
    expect([held.isValid(), taken.isValid()]).toEqual([false, true]);
  });

  test('that SQL cannot vouch for now is asked about again, and believed in by nobody meanwhile', async () => {
    const { helper, wipe } = service();
    const lock = await helper();
    let sqlIsAway = true;
    const stillOurs = async (): Promise<boolean> => {
      if (sqlIsAway) throw new Error('SQL is away');
      return true;
    };
    const held = await acquired(lock, request({ stillOurs }));
    await wipe();
    await lock.renewHeld();
    expect([held.isValid(), held.isLost]).toEqual([false, false]);
    sqlIsAway = false;
    await lock.renewHeld();
    await until(() => held.isValid());
  });

  test('that is released while SQL is asked about it stays released', async () => {
    const { helper, wipe } = service();
    const lock = await helper();
    let answer: (ours: boolean) => void = () => undefined;
    const held = await acquired(lock, request({ stillOurs: () => new Promise((resolve) => (answer = resolve)) }));
    await wipe();
    await lock.renewHeld();
    await held.release();
    answer(true);
    await lock.renewHeld();
    expect(await lock.peek(held.key)).toEqual({ kind: 'free' });
  });

  test('renews a thousand locks in one go', async () => {
    const { helper } = service();
    const clock = new SteppedClock();
    const lock = await helper({ clock, prefix: 'many:' });
    const held = await Promise.all(Array.from({ length: 1_000 }, () => acquired(lock, request())));
    clock.aheadMs = 20_000;
    await lock.renewHeld();
    clock.aheadMs = 40_000;
    expect(held.every((one) => one.isValid())).toBe(true);
    await Promise.all(held.map((one) => one.release()));
  });

  test('is listed with all others of its prefix, page by page, whoever holds them', async () => {
    const { helper } = service();
    const prefix = `${randomUUID()}[a-b]*?:`;
    const [first, second, other] = [await helper({ prefix }), await helper({ prefix }), await helper({ prefix: `x${prefix}` })];
    const held = await Promise.all(
      Array.from({ length: 40 }, (_, index) => acquired(index % 2 === 0 ? first : second, request())),
    );
    await acquired(other, request());
    const seen = new Map<string, object>();
    for (let after: string | null = null, more = true; more; more = after !== null) {
      const page: LockPage | null = await first.list({ after, limit: 7 });
      for (const lock of page!.locks) seen.set(lock.key, lock);
      after = page!.next;
    }
    expect([...seen.keys()].toSorted()).toEqual(held.map(({ key }) => key).toSorted());
    const { key, token } = held[0]!;
    expect(seen.get(key)).toEqual({ key, holder: { kind: 'worker', id: 'w1' }, value: `worker/w1:${token}` });
  });

  test('is freed by anybody, but only with the value that was seen', async () => {
    const { helper } = service();
    const [owner, reaper] = [await helper(), await helper()];
    const held = await acquired(owner, request());
    const seen = await reaper.peek(held.key);
    const value = seen.kind === 'held' ? seen.value : '';
    expect(await reaper.free({ key: held.key, value: 'worker/w1:0' })).toBe(false);
    expect(held.isValid()).toBe(true);
    expect(await reaper.free({ key: held.key, value })).toBe(true);
    const next = await acquired(owner, request({ key: held.key }));
    expect(await reaper.free({ key: held.key, value })).toBe(false);
    expect(await reaper.peek(next.key)).toMatchObject({ kind: 'held', value: `worker/w1:${next.token}` });
  });
});
