import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { randomUUID } from 'node:crypto';
import {
  canonicalJson,
  isTerminalEvent,
  toWireEvent,
  type JsonObject,
  type AppendRequest,
  type ClaimRequest,
  type JournalEvent,
  type RunStore,
} from '@baton/core';
import { SqlRunStore, SqlWorkerRegistry } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claim, completed, ending, WORKFLOW } from '../support/run-requests.js';

const DEEDS = ['claim', 'append', 'reread', 'resend', 'park', 'hand_back', 'end', 'signal', 'expire'] as const;

/** What one of two owners does, through one of two processes. Steps of one group are in flight together. */
interface Step {
  owner: 0 | 1;
  process: 0 | 1;
  deed: (typeof DEEDS)[number];
  events: number;
}

const step = record<Step>({
  owner: constantFrom(0, 1),
  process: constantFrom(0, 1),
  // Mostly claims and appends: the fence is between them.
  deed: oneof({ weight: 6, arbitrary: constantFrom('claim', 'append', 'append', 'reread') }, constantFrom(...DEEDS)),
  events: integer({ min: 1, max: 3 }),
});
const schedule = array(array(step, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 14 });

/** An owner that does everything wrong: it goes on after it was fenced, takes the journal's end for its own, and sends things twice. */
class Owner {
  epoch = 0;
  baseSeq = 1;
  lastClaim: ClaimRequest | null = null;
  lastAppend: AppendRequest | null = null;

  constructor(readonly id: string) {}
}

class World {
  readonly owners = [new Owner(`a-${randomUUID()}`), new Owner(`b-${randomUUID()}`)] as const;
  readonly acknowledged: AppendRequest[] = [];
  /** Which claim each epoch was given to. */
  readonly granted = new Map<number, string>();
  private readonly violations: string[] = [];
  private drawn = 0;

  constructor(
    readonly runId: string,
    private readonly processes: readonly RunStore[],
    private readonly workers: SqlWorkerRegistry,
  ) {}

  async begin(): Promise<void> {
    await accepted(this.processes[0]!, { runId: this.runId, at: 1 });
    for (const { id } of this.owners) {
      await this.workers.register({ id, host: 'h', pid: 1, processStart: '1', startedAt: 1, nodeTypes: [] }, 60_000);
    }
  }

  async take({ owner: index, process, deed, events }: Step): Promise<void> {
    const owner = this.owners[index];
    const store = this.processes[process]!;
    const run = { tenantId: 'default', taskId: null, limited: false, workflow: WORKFLOW };
    const base = { runId: this.runId, run, epoch: owner.epoch, baseSeq: owner.baseSeq };
    switch (deed) {
      case 'claim':
        return await this.claim(store, owner, claim(this.runId, { workerId: owner.id }));
      case 'append':
        return await this.append(store, owner, {
          ...base,
          events: Array.from({ length: events }, () => completed((this.drawn += 1))),
        });
      case 'reread':
        owner.baseSeq = (await store.findRun(this.runId))!.seq;
        return;
      case 'resend':
        if (owner.lastClaim !== null) await this.claim(store, owner, owner.lastClaim);
        if (owner.lastAppend !== null) await this.append(store, owner, owner.lastAppend);
        return;
      case 'park':
        return await this.append(store, owner, { ...base, events: [], settle: { kind: 'park', wakeAt: 1 } });
      case 'hand_back':
        return await this.append(store, owner, {
          ...base,
          events: [],
          settle: { kind: 'hand_back', wakeAt: 1, uncounted: true },
        });
      case 'end':
        return await this.append(store, owner, { ...base, ...ending((this.drawn += 1)) });
      case 'signal':
        await store.signal(this.runId, 'cancel', {}, 1);
        return;
      case 'expire':
        await this.workers.expire(owner.id);
    }
  }

  private async claim(store: RunStore, owner: Owner, request: ClaimRequest): Promise<void> {
    owner.lastClaim = request;
    const outcome = await store.claim(request);
    if (outcome.kind !== 'claimed') return;
    const { epoch, seq } = outcome.run;
    this.hold((this.granted.get(epoch) ?? request.token) === request.token, `epoch ${epoch} was given to two claims`);
    this.granted.set(epoch, request.token);
    owner.epoch = epoch;
    owner.baseSeq = seq;
  }

  private async append(store: RunStore, owner: Owner, request: AppendRequest): Promise<void> {
    owner.lastAppend = request;
    const outcome = await store.append(request);
    if (outcome.kind !== 'appended') return;
    const { length } = request.events;
    this.hold(
      length === 0 || outcome.seq === request.baseSeq + length,
      `an append at ${request.baseSeq} was told to end at ${outcome.seq}`,
    );
    this.acknowledged.push(request);
    if (owner.epoch === request.epoch) owner.baseSeq = Math.max(owner.baseSeq, outcome.seq);
  }

  /** What is wrong with the journal, whatever happened. */
  async check(): Promise<string[]> {
    const run = (await this.processes[0]!.findRun(this.runId))!;
    const journal = await this.processes[0]!.readJournal(this.runId, 0, 1_000);
    this.hold(
      journal.every(({ seq }, index) => seq === index + 1),
      'the journal has a gap',
    );
    this.hold(
      journal.every(({ epoch }, index) => index === 0 || epoch >= journal[index - 1]!.epoch),
      'an old epoch wrote after a newer one',
    );
    this.hold(run.seq === journal.length, `the row stands at ${run.seq}, the journal at ${journal.length}`);
    this.hold(run.epoch === Math.max(0, ...this.granted.keys()), `the row is of epoch ${run.epoch}, which nobody was given`);
    const ends = journal.filter(({ type }) => isTerminalEvent(type)).map(({ seq }) => seq);
    this.hold(ends.join() === (run.finishedAt === null ? '' : `${journal.length}`), `terminal events stand at ${ends.join()}`);
    for (const request of this.acknowledged) this.checkAcknowledged(request, journal);
    this.checkUnheard(journal);
    return this.violations;
  }

  /** What was acknowledged stands where it was said to stand. */
  private checkAcknowledged({ epoch, baseSeq, events }: AppendRequest, journal: readonly JournalEvent[]): void {
    const written = journal.slice(baseSeq, baseSeq + events.length);
    const promised: JournalEvent[] = events.map((event, index) => ({
      ...event,
      runId: this.runId,
      epoch,
      seq: baseSeq + index + 1,
    }));
    this.hold(textOf(written) === textOf(promised), `what was acknowledged after ${baseSeq} in epoch ${epoch} is not there`);
  }

  /** Nothing stands there that was refused, and nothing twice. */
  private checkUnheard(journal: readonly JournalEvent[]): void {
    const outputs = journal.flatMap(({ payload }) => ('output' in payload ? [payload.output] : []));
    this.hold(new Set(outputs).size === outputs.length, 'an event stands there twice');
    const places = new Set(this.acknowledged.flatMap(({ baseSeq, events }) => events.map((_, index) => baseSeq + index + 1)));
    const unheard = journal.slice(1).filter(({ seq }) => !places.has(seq));
    this.hold(unheard.length === 0, `written but not acknowledged: ${unheard.map(({ seq }) => seq).join()}`);
  }

  private hold(condition: boolean, violation: string): void {
    if (!condition) this.violations.push(violation);
  }
}

function textOf(events: readonly JournalEvent[]): string {
  return canonicalJson(events.map((event) => toWireEvent(event) as unknown as JsonObject));
}

describe.each(DATABASE_KINDS)('the fence on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let processes: SqlRunStore[];
  let workers: SqlWorkerRegistry;

  beforeAll(async () => {
    const fresh = await bench.fresh();
    processes = [new SqlRunStore(await fresh.open()), new SqlRunStore(await fresh.open())];
    workers = new SqlWorkerRegistry(await fresh.open());
  });
  afterAll(async () => {
    for (const store of processes) await store.close();
    await bench.stop();
  });

  test('keeps every journal gapless, written by rising epochs, ended once, and true to what was acknowledged', async () => {
    await assert(
      asyncProperty(schedule, async (groups) => {
        const world = new World(randomUUID(), processes, workers);
        await world.begin();
        for (const group of groups) await Promise.all(group.map((each) => world.take(each)));
        expect(await world.check()).toEqual([]);
      }),
      { numRuns: kind === 'sqlite memory' ? 400 : 120 },
    );
  }, 60_000);
});
