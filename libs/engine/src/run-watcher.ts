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

export interface RunWatcherOptions {
  /** Milliseconds between looks while the doorbell is healthy: bounds what one lost ring costs. */
  pollMs: number;
  /** The same while it is not. */
  unhealthyPollMs: number;
  /** Events read from the journal at once: what a slow reader may cost. */
  pageSize: number;
}

/** Follows journals: each reader sees 1..n once, in order, whatever the doorbell loses. */
export class RunWatcher {
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly stopListening: () => void;

  constructor(
    private readonly parts: { runs: RunStore; tasks: TaskStore; doorbell: Doorbell; clock: Clock },
    private readonly options: RunWatcherOptions,
  ) {
    this.stopListening = parts.doorbell.listen((ring) => this.hear(ring));
  }

  close(): void {
    this.stopListening();
    for (const wakers of this.waiting.values()) for (const wake of wakers) wake();
  }

  /**
   * Pages of the run's events after `afterSeq`, as they are committed, up to and with the terminal one.
   * Reads on only when asked: a slow consumer costs one page. Ends early, without an error, when `signal` aborts,
   * and at once when the journal has ended before `afterSeq` or there is no such run.
   */
  async *followRun(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<JournalEvent[]> {
    let seq = afterSeq;
    while (!signal.aborted) {
      const bell = this.nextRing(`run/${runId}`, signal);
      const page = await this.parts.runs.readJournal(runId, seq, this.options.pageSize);
      if (page.length === 0) {
        if (seq === afterSeq && (await this.hasEndedBy(runId, seq))) return bell.cancel();
        await bell.rung;
        continue;
      }
      bell.cancel();
      seq = page.at(-1)!.seq;
      yield page;
      if (isTerminalEvent(page.at(-1)!.type)) return;
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

  /** The run once it has ended; null when `timeoutMs` passes or `signal` aborts before. */
  async waitForEnd(runId: string, timeoutMs: number, signal: AbortSignal): Promise<RunWithResult | null> {
    const done = new AbortController();
    const expired = new AbortController();
    void this.parts.clock.sleep(timeoutMs, done.signal).then(() => expired.abort());
    const bounded = AbortSignal.any([signal, expired.signal]);
    try {
      for (;;) {
        const bell = this.nextRing(`run/${runId}`, bounded);
        const run = await this.parts.runs.findRun(runId);
        if (run === null || isTerminal(run.status) || bounded.aborted) {
          bell.cancel();
          return run !== null && isTerminal(run.status) ? run : null;
        }
        await bell.rung;
      }
    } finally {
      done.abort();
    }
  }

  private async hasEndedBy(runId: string, seq: number): Promise<boolean> {
    const run = await this.parts.runs.findRun(runId);
    return run === null || (isTerminal(run.status) && run.seq <= seq);
  }

  private hear(ring: Ring): void {
    if (ring.kind !== 'journal') return;
    this.wake(`run/${ring.runId}`);
    if (ring.taskId !== null) this.wake(`task/${ring.taskId}`);
  }

  private wake(topic: string): void {
    const wakers = this.waiting.get(topic);
    if (wakers !== undefined) for (const wake of wakers) wake();
  }

  /** Armed before the journal is read, so that nothing committed in between is missed. Resolves also after the poll bound. */
  private nextRing(topic: string, signal: AbortSignal): { rung: Promise<void>; cancel: () => void } {
    const wakers = this.waiting.get(topic) ?? new Set();
    this.waiting.set(topic, wakers);
    const { promise: rung, resolve } = Promise.withResolvers<void>();
    const timer = new AbortController();
    const cancel = (): void => {
      if (!wakers.delete(cancel)) return;
      if (wakers.size === 0) this.waiting.delete(topic);
      timer.abort();
      signal.removeEventListener('abort', cancel);
      resolve();
    };
    wakers.add(cancel);
    signal.addEventListener('abort', cancel, { once: true });
    const pollMs = this.parts.doorbell.isHealthy() ? this.options.pollMs : this.options.unhealthyPollMs;
    void this.parts.clock.sleep(pollMs, timer.signal).then(cancel);
    if (signal.aborted) cancel();
    return { rung, cancel };
  }
}
