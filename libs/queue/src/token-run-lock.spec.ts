import { describe, expect, test } from '@jest/globals';
import { type AcquireRequest, type Clock, type HeldLock, SystemClock } from '@baton/core';
import * as fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { type LockEntry, type LockStore, LockStoreUnreachable, type RenewalResult } from './lock-store.js';
import { MemoryLockStore } from './memory-lock-store.js';
import { TokenRunLock } from './token-run-lock.js';

const KEY = 'task:t1:lock';
const TTL_MS = 1_000;
const HOLDERS = 3;

class SteppedClock extends SystemClock {
  elapsedMs = 0;

  override monotonic(): number {
    return this.elapsedMs;
  }
}

/** How a command fares on the wire. `late`: nobody hears of it, and it is done after some more commands. */
type Fate = 'done' | 'refused' | 'reply_lost' | 'late';

/** One holder's way to the store, which loses what it is told to lose. */
class FaultyLink implements LockStore {
  readonly method = 'memory';
  fate: Fate = 'done';
  private readonly postponed: (() => Promise<unknown>)[] = [];

  constructor(private readonly store: LockStore) {}

  acquire(entry: LockEntry, ttlMs: number): Promise<string> {
    return this.send(() => this.store.acquire(entry, ttlMs));
  }

  swap(entry: LockEntry, seen: string, ttlMs: number): Promise<string> {
    return this.send(() => this.store.swap(entry, seen, ttlMs));
  }

  renew(entries: readonly LockEntry[], ttlMs: number): Promise<RenewalResult[]> {
    return this.send(() => this.store.renew(entries, ttlMs));
  }

  release(entry: LockEntry): Promise<boolean> {
    return this.send(() => this.store.release(entry));
  }

  read(key: string): Promise<string | null> {
    return this.send(() => this.store.read(key));
  }

  scan(...page: Parameters<LockStore['scan']>): ReturnType<LockStore['scan']> {
    return this.send(() => this.store.scan(...page));
  }

  async deliverLate(): Promise<void> {
    for (const command of this.postponed.splice(0)) await command();
  }

  private async send<T>(command: () => Promise<T>): Promise<T> {
    if (this.fate === 'refused') throw new LockStoreUnreachable(false);
    if (this.fate === 'late') this.postponed.push(command);
    if (this.fate === 'late') throw new LockStoreUnreachable(true);
    const reply = await command();
    if (this.fate === 'reply_lost') throw new LockStoreUnreachable(true);
    return reply;
  }
}

class Holder {
  readonly link: FaultyLink;
  readonly lock: TokenRunLock;
  held: HeldLock | null = null;
  outcome = '';

  constructor(
    readonly id: number,
    store: LockStore,
    clock: Clock,
  ) {
    this.link = new FaultyLink(store);
    this.lock = new TokenRunLock(this.link, { ttlMs: TTL_MS, marginMs: 50, clock });
  }

  get request(): AcquireRequest {
    return { key: KEY, holder: { kind: 'worker', id: `w${this.id}` }, operation: 'advance', stillOurs: async () => true };
  }

  async acquire(): Promise<void> {
    // As a worker does: a lock that it no longer believes in is given back before another try.
    if (this.held !== null) await this.release();
    const outcome = await this.lock.acquire(this.request);
    this.outcome = outcome.kind;
    if (outcome.kind === 'acquired') this.held = outcome.lock;
  }

  async release(): Promise<void> {
    const held = this.held;
    this.held = null;
    await held?.release();
  }
}

type Step =
  | { kind: 'acquire' | 'renew' | 'release'; holder: number; fate: Fate }
  | { kind: 'deliver'; holder: number }
  | { kind: 'pass'; ms: number };

const holder = fc.nat(HOLDERS - 1);
const fate: fc.Arbitrary<Fate> = fc.constantFrom('done', 'done', 'refused', 'reply_lost', 'late');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('acquire', 'renew', 'release'), holder, fate }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deliver'), holder }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 1, max: 700 }) }) },
);

/** What each run of the model has met, over all runs: a property that met no fault proves nothing. */
interface Met {
  acquired: number;
  foreign: number;
  unreachable: number;
}

async function play(steps: readonly Step[], met: Met): Promise<void> {
  const clock = new SteppedClock();
  const store = new MemoryLockStore(clock);
  const holders = Array.from({ length: HOLDERS }, (_, id) => new Holder(id, store, clock));
  for (const one of steps) {
    const before = await store.read(KEY);
    await take(one, holders, clock, met);
    expect(holders.filter(({ held }) => held?.isValid()).length).toBeLessThanOrEqual(1);
    if (one.kind === 'pass') continue;
    const isForeign = before !== null && !before.startsWith(`worker/w${one.holder}:`);
    if (isForeign) expect(await store.read(KEY)).toBe(before);
  }
}

async function take(one: Step, holders: readonly Holder[], clock: SteppedClock, met: Met): Promise<void> {
  if (one.kind === 'pass') {
    clock.elapsedMs += one.ms;
    return;
  }
  const actor = holders[one.holder]!;
  actor.link.fate = one.kind === 'deliver' ? 'done' : one.fate;
  if (one.kind === 'deliver') await actor.link.deliverLate();
  if (one.kind === 'release') await actor.release();
  if (one.kind === 'renew') await actor.lock.renewHeld();
  if (one.kind === 'acquire') {
    await actor.acquire();
    if (actor.outcome in met) met[actor.outcome as keyof Met] += 1;
  }
}

describe('the lock, whatever is lost on the way', () => {
  test('is believed in by at most one holder, and nobody changes what has a foreign token', async () => {
    const met: Met = { acquired: 0, foreign: 0, unreachable: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => play(steps, met)),
      { numRuns: 400 },
    );
    expect(met.acquired).toBeGreaterThan(400);
    expect(met.foreign).toBeGreaterThan(400);
    expect(met.unreachable).toBeGreaterThan(400);
  });
});

describe('a lock whose store does not answer', () => {
  const setting = (): { clock: SteppedClock; store: MemoryLockStore; one: Holder; other: Holder } => {
    const clock = new SteppedClock();
    const store = new MemoryLockStore(clock);
    return { clock, store, one: new Holder(0, store, clock), other: new Holder(1, store, clock) };
  };

  test('is believed in until its deadline, is not lost, and is renewed when the store is back', async () => {
    const { clock, one } = setting();
    await one.acquire();
    one.link.fate = 'refused';
    clock.elapsedMs = 900;
    await one.lock.renewHeld();
    expect([one.held?.isValid(), one.held?.isLost]).toEqual([true, false]);
    clock.elapsedMs = 960;
    await one.lock.renewHeld();
    expect([one.held?.isValid(), one.held?.isLost]).toEqual([false, false]);
    one.link.fate = 'done';
    await one.lock.renewHeld();
    expect([one.held?.isValid(), one.held?.isLost]).toEqual([true, false]);
  });

  test('does not lengthen a belief by a renewal whose reply was lost', async () => {
    const { clock, one } = setting();
    await one.acquire();
    one.link.fate = 'reply_lost';
    clock.elapsedMs = 900;
    await one.lock.renewHeld();
    clock.elapsedMs = 960;
    expect(one.held?.isValid()).toBe(false);
  });

  test.each(['reply_lost', 'late'] as const)('frees by itself what it may have taken unheard (%s)', async (unheard) => {
    const { store, one, other } = setting();
    one.link.fate = unheard;
    await one.acquire();
    expect(one.outcome).toBe('unreachable');
    await one.link.deliverLate();
    await other.acquire();
    expect(other.outcome).toBe('foreign');
    one.link.fate = 'done';
    await becomesFree(store);
  });

  test('frees by itself what it could not release', async () => {
    const { store, one } = setting();
    await one.acquire();
    one.link.fate = 'refused';
    await one.release();
    expect(await store.read(KEY)).not.toBeNull();
    one.link.fate = 'done';
    await becomesFree(store);
  });
});

/** The clock of these tests stands still: it is not the TTL that frees the lock. */
async function becomesFree(store: LockStore): Promise<void> {
  const giveUpAt = performance.now() + 3_000;
  while ((await store.read(KEY)) !== null) {
    if (performance.now() > giveUpAt) throw new Error('The lock was not freed');
    await pause(5);
  }
}
