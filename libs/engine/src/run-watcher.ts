import {
  isTerminal,
  isTerminalEvent,
  type Clock,
  type Doorbell,
  type JournalEvent,
  type Ring,
  type RunStore,
  type RunWithResult,
  type TaskStore,
} from '@baton/core';
import { GroupedReads } from './grouped-reads.js';
import { PollBounds } from './poll-bounds.js';
import { RecentSet } from './recent-set.js';
import { RunTail } from './run-tail.js';

export interface RunWatcherOptions {
  /** Milliseconds between looks while the doorbell is healthy: bounds what one lost ring costs. */
  pollMs: number;
  /** The same while it is not. */
  unhealthyPollMs: number;
  /** Events read from the journal at once: what a slow reader may cost. */
  pageSize: number;
}

interface Followed {
  readonly tail: RunTail;
  /** Called at the poll bound. */
  readonly look: () => void;
}

const ENDS_REMEMBERED = 5_000;
/** Within what time the processes look that have heard of a death: not all in one moment. */
const DEATH_SPREAD_MS = 100;

/** Follows journals: each reader sees 1..n once, in order, whatever the doorbell loses. */
export class RunWatcher {
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly followed = new Map<string, Followed>();
  /** The last runs whose end was heard. */
  private readonly ended = new RecentSet<string>(ENDS_REMEMBERED);
  private readonly runs: GroupedReads<RunWithResult>;
  private readonly bounds: PollBounds;
  private readonly stopListening: () => void;
  /** A death was heard, and all who wait will look soon. */
  private looksSoon = false;

  constructor(
    private readonly parts: { runs: RunStore; tasks: TaskStore; doorbell: Doorbell; clock: Clock; random: () => number },
    private readonly options: RunWatcherOptions,
  ) {
    this.runs = new GroupedReads(async (ids) => new Map((await parts.runs.findRuns(ids)).map((run) => [run.id, run])));
    this.bounds = new PollBounds(parts.clock, () => parts.doorbell.isHealthy(), options.unhealthyPollMs);
    this.stopListening = parts.doorbell.listen((ring) => this.hear(ring));
  }

  close(): void {
    this.stopListening();
    this.bounds.remove(this.lookAtAll);
    for (const topic of this.waiting.keys()) this.wake(topic);
    for (const { tail } of this.followed.values()) tail.hear();
  }

  /**
   * Pages of the run's events after `afterSeq`, as they are committed, up to and with the terminal one; not to be changed: all followers of the
   * run share what one of them has read. Reads on only when asked: a slow consumer costs one page, and holds nobody up. Ends early, without an
   * error, when `signal` aborts, and at once when the journal has ended before `afterSeq` or there is no such run.
   */
  async *followRun(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<JournalEvent[]> {
    const { tail, leave } = this.join(runId);
    try {
      let seq = afterSeq;
      while (!signal.aborted) {
        const { heard } = tail;
        const page = await tail.read(seq);
        if (page.length === 0) {
          if (seq === afterSeq && (await this.hasEndedBy(runId, seq))) return;
          await tail.untilHeard(heard, signal);
          continue;
        }
        seq = page.at(-1)!.seq;
        yield page;
        if (isTerminalEvent(page.at(-1)!.type)) return;
      }
    } finally {
      leave();
    }
  }

  /** The same over all runs of a task, oldest first; goes on with each next run and never ends by itself. */
  async *followTask(
    task: { tenantId: string; id: string },
    after: { runId: string; seq: number } | null,
    signal: AbortSignal,
  ): AsyncGenerator<JournalEvent[]> {
    let position = after;
    while (!signal.aborted) {
      const bell = this.nextRing(`task/${task.id}`, signal);
      const page = await this.parts.tasks.activities(task.tenantId, task.id, {
        ...(position !== null && { afterRunId: position.runId, afterSeq: position.seq }),
        limit: this.options.pageSize,
      });
      if (page.length === 0) {
        await bell.rung;
        continue;
      }
      bell.cancel();
      position = { runId: page.at(-1)!.runId, seq: page.at(-1)!.seq };
      yield page;
    }
  }

  /**
   * The run once it has ended; null when `timeoutMs` passes or `signal` aborts before, and for a run that is not there.
   * `fresh`: the caller has just accepted the run, or seen it unclaimed, so that its end will be heard, or seen at the poll bound: it need
   * not be looked at before.
   */
  async waitForEnd(runId: string, timeoutMs: number, signal: AbortSignal, { fresh = false } = {}): Promise<RunWithResult | null> {
    const { clock } = this.parts;
    const deadline = clock.monotonic() + timeoutMs;
    for (let first = true; ; first = false) {
      const leftMs = deadline - clock.monotonic();
      const bell = this.nextRing(`end/${runId}`, signal, leftMs);
      try {
        if (!first || !fresh || this.ended.has(runId)) {
          const run = await this.runs.read(runId);
          if (run === undefined || isTerminal(run.status)) return run ?? null;
        }
        if (signal.aborted || leftMs <= 0) return null;
        await bell.rung;
      } finally {
        bell.cancel();
      }
    }
  }

  /** The run's tail, heard at each ring and at the poll bound while anybody follows it. */
  private join(runId: string): { tail: RunTail; leave: () => void } {
    const followed = this.followed.get(runId) ?? this.open(runId);
    followed.tail.followers += 1;
    const leave = (): void => {
      followed.tail.followers -= 1;
      if (followed.tail.followers > 0) return;
      this.followed.delete(runId);
      this.bounds.remove(followed.look);
    };
    return { tail: followed.tail, leave };
  }

  private open(runId: string): Followed {
    const { pageSize, pollMs } = this.options;
    const tail = new RunTail((afterSeq) => this.parts.runs.readJournal(runId, afterSeq, pageSize), pageSize);
    const look = (): void => {
      this.bounds.add(look, pollMs);
      tail.hear();
    };
    const followed = { tail, look };
    this.bounds.add(look, pollMs);
    this.followed.set(runId, followed);
    return followed;
  }

  private async hasEndedBy(runId: string, seq: number): Promise<boolean> {
    const run = await this.runs.read(runId);
    return run === undefined || (isTerminal(run.status) && run.seq <= seq);
  }

  private hear(ring: Ring): void {
    if (ring.kind === 'death' && !this.looksSoon) {
      this.looksSoon = true;
      this.bounds.add(this.lookAtAll, this.parts.random() * DEATH_SPREAD_MS);
    }
    if (ring.kind !== 'journal') return;
    this.followed.get(ring.runId)?.tail.hear();
    if (ring.ended) {
      // For those who begin to wait for the end just after it.
      this.ended.add(ring.runId);
      this.wake(`end/${ring.runId}`);
    }
    if (ring.taskId !== null) this.wake(`task/${ring.taskId}`);
  }

  /** All who wait read their runs together; of the journals that are followed, only those that have grown are read. */
  private readonly lookAtAll = (): void => {
    this.looksSoon = false;
    this.bounds.remove(this.lookAtAll);
    for (const topic of this.waiting.keys()) this.wake(topic);
    // Where it cannot be read, the poll bound remains.
    for (const [runId, { tail }] of this.followed) this.hearGrowth(runId, tail).catch(() => undefined);
  };

  private async hearGrowth(runId: string, tail: RunTail): Promise<void> {
    const run = await this.runs.read(runId);
    if (run === undefined || !tail.knows(run.seq)) tail.hear();
  }

  private wake(topic: string): void {
    const wakers = this.waiting.get(topic);
    if (wakers !== undefined) for (const wake of wakers) wake();
  }

  /** Armed before anything is read, so that nothing committed in between is missed. Resolves also after the poll bound, or `withinMs`. */
  private nextRing(topic: string, signal: AbortSignal, withinMs = Infinity): { rung: Promise<void>; cancel: () => void } {
    const wakers = this.waiting.get(topic) ?? new Set();
    this.waiting.set(topic, wakers);
    const { promise: rung, resolve } = Promise.withResolvers<void>();
    const cancel = (): void => {
      if (!wakers.delete(cancel)) return;
      if (wakers.size === 0) this.waiting.delete(topic);
      this.bounds.remove(cancel);
      signal.removeEventListener('abort', cancel);
      resolve();
    };
    wakers.add(cancel);
    signal.addEventListener('abort', cancel, { once: true });
    this.bounds.add(cancel, Math.min(this.options.pollMs, withinMs));
    if (signal.aborted) cancel();
    return { rung, cancel };
  }
}
