import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { CommitListener, CommitNotice, Logger } from '@baton/core';
import { backoffMs } from '../backoff.js';
import { failureKind, isDamage, storageUnavailable } from '../database-failure.js';
import { DEFERRED, type CommitDialect, type CommitResult } from './commit-dialect.js';
import type { OutcomeOf, WriteKind, WriteOf, WriteOutcome, WriteRequest } from './write-request.js';

export interface JournalWriterOptions {
  /** Requests that one commit takes at most. Default 500. */
  maxRequests?: number;
  /** Bytes that one commit takes at most, roughly; a larger request goes alone. Default 4 MiB. */
  maxBytes?: number;
  /** Milliseconds after which a request fails with `storage_unavailable`. Default 10,000. */
  boundMs?: number;
  logger?: Logger;
  /** Told after each commit: what it carried, and how long it took. Must not throw. */
  observer?: (commit: CommitFigures) => void;
}

export interface CommitFigures {
  requests: number;
  events: number;
  ms: number;
}

interface Pending {
  readonly request: WriteRequest;
  readonly deadline: number;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** How often a taken key is looked up before the batch is searched for the request at fault. */
const DUPLICATE_TRIES = 2;

/** How many commits that are worth their own make a backlog. */
const BACKLOG = 4;

/**
 * The group commit: one writer a process. There is no timer: while one commit is in flight requests pile up, and the next commit takes them,
 * or of a crowd a half, so one run alone waits for nobody, and hundreds share one flush. No promise resolves before COMMIT has returned; of a
 * backlog, once the next one is sent. A batch that fails is split until the request at fault stands alone and fails alone.
 */
export class JournalWriter {
  private readonly options: Required<Omit<JournalWriterOptions, 'logger' | 'observer'>>;
  private readonly logger: Logger | undefined;
  private readonly observer: ((commit: CommitFigures) => void) | undefined;
  private readonly listeners = new Set<CommitListener>();
  /** All that wait for an answer, oldest first: also the order of their deadlines. */
  private readonly open = new Set<Pending>();
  private queue: Pending[] = [];
  /** How many at the front of the queue the last batch has put off. */
  private putOff = 0;
  private draining: Promise<void> | null = null;
  private expiry: NodeJS.Timeout | undefined;
  private closed = false;
  private loggedAt = -Infinity;

  constructor(
    private readonly dialect: CommitDialect,
    { logger, observer, ...options }: JournalWriterOptions = {},
  ) {
    this.options = { maxRequests: 500, maxBytes: 4 * 1_048_576, boundMs: 10_000, ...options };
    this.logger = logger;
    this.observer = observer;
  }

  /** Resolves after the commit that holds the request. @throws BatonError `storage_unavailable` after the bound. */
  write<K extends WriteKind>(request: WriteOf<K> & WriteRequest): Promise<OutcomeOf<K>> {
    if (this.closed) return Promise.reject(storageUnavailable('The journal is closed.'));
    return new Promise<OutcomeOf<K>>((resolve, reject) => {
      const deadline = performance.now() + this.options.boundMs;
      const pending: Pending = { request, deadline, resolve: (outcome) => resolve(outcome as OutcomeOf<K>), reject };
      this.open.add(pending);
      this.queue.push(pending);
      this.expiry ??= setTimeout(() => this.expire(), this.options.boundMs).unref();
      this.draining ??= this.drain();
    });
  }

  onCommit(listener: CommitListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes no more requests, and resolves when the last one is answered. */
  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
    clearTimeout(this.expiry);
    await this.dialect.close();
  }

  private async drain(): Promise<void> {
    let idleRounds = 0;
    while (this.queue.length > 0) {
      // All that this turn of the event loop asks for joins; and between two commits others get their turn.
      if (!this.isBacklogged) await nextTurn();
      const batch = this.takeBatch();
      const deferred = await this.commit(batch, false);
      this.queue = [...deferred, ...this.queue];
      this.putOff = deferred.length;
      idleRounds = deferred.length > 0 && deferred.length === batch.length ? idleRounds + 1 : 0;
      if (idleRounds > 0) await pause(backoffMs(idleRounds, 1, 20));
    }
    this.draining = null;
  }

  /** Several commits wait already, of a database that works beside this process: nothing is won by waiting for who joins. */
  private get isBacklogged(): boolean {
    return this.queue.length - this.putOff >= BACKLOG * this.dialect.worthwhile;
  }

  /** What was put off goes first, and does not count: it may be put off again, and nobody may wait behind it. */
  private takeBatch(): Pending[] {
    const others = Math.max(this.dialect.worthwhile, Math.ceil((this.queue.length - this.putOff) / 2));
    const most = Math.min(this.options.maxRequests, this.putOff + others);
    let bytes = 0;
    let size = 0;
    for (const { request } of this.queue) {
      bytes += request.bytes;
      if (size === most || (size > 0 && bytes > this.options.maxBytes)) break;
      size += 1;
    }
    return this.queue.splice(0, size).filter((pending) => this.open.has(pending));
  }

  /** Commits a batch, however many tries it takes; returns what must wait for the next one. */
  private async commit(batch: Pending[], verifyFirst: boolean): Promise<Pending[]> {
    let verify = verifyFirst;
    let duplicates = 0;
    for (let failures = 1; ; failures += 1) {
      const rest = batch.filter((pending) => this.open.has(pending));
      if (rest.length === 0) return [];
      try {
        return await this.execute(rest, verify);
      } catch (error) {
        const kind = failureKind(error);
        if (kind === 'other' || (kind === 'duplicate' && duplicates === DUPLICATE_TRIES))
          return await this.split(rest, error, verify);
        if (kind === 'duplicate') duplicates += 1;
        verify ||= kind !== 'contention';
        if (kind === 'unavailable') this.logUnavailable(error, rest.length);
        await pause(kind === 'unavailable' ? backoffMs(failures, 20, 1_000) : backoffMs(failures, 1, 20));
      }
    }
  }

  private async split(batch: Pending[], error: unknown, verify: boolean): Promise<Pending[]> {
    if (batch.length === 1) {
      this.settle(batch[0]!, (pending) => pending.reject(error));
      return [];
    }
    const half = Math.ceil(batch.length / 2);
    const first = await this.commit(batch.slice(0, half), verify);
    return [...first, ...(await this.commit(batch.slice(half), verify))];
  }

  private async execute(batch: Pending[], verify: boolean): Promise<Pending[]> {
    const startedAt = performance.now();
    const requests = batch.map(({ request }) => request);
    const result: CommitResult = await this.dialect.execute(requests, verify);
    this.observer?.({ requests: batch.length, events: result.events, ms: performance.now() - startedAt });
    // What follows an answer is this process's work: the database has the next commit meanwhile, which is sent before this turn ends.
    if (this.isBacklogged) setImmediate(() => this.answer(batch, result));
    else this.answer(batch, result);
    return batch.filter((_, index) => result.outcomes[index] === DEFERRED);
  }

  private answer(batch: readonly Pending[], { outcomes, notice }: CommitResult): void {
    batch.forEach((pending, index) => {
      const outcome = outcomes[index]!;
      if (outcome !== DEFERRED) this.settle(pending, () => pending.resolve(outcome));
    });
    this.announce(notice);
  }

  private announce(notice: CommitNotice): void {
    if (notice.grown.length === 0 && notice.signalled.length === 0) return;
    for (const listener of this.listeners) listener(notice);
  }

  private settle(pending: Pending, answer: (pending: Pending) => void): void {
    if (this.open.delete(pending)) answer(pending);
  }

  /** Fails what has waited for too long, in flight or not: the caller is told, whatever the database does. */
  private expire(): void {
    const now = performance.now();
    this.expiry = undefined;
    for (const pending of this.open) {
      if (pending.deadline > now) {
        this.expiry = setTimeout(() => this.expire(), pending.deadline - now).unref();
        return;
      }
      this.settle(pending, ({ reject }) =>
        reject(storageUnavailable(`The database did not commit within ${this.options.boundMs} ms.`)),
      );
    }
  }

  /** At most one line a second. */
  private logUnavailable(error: unknown, waiting: number): void {
    const now = performance.now();
    if (now - this.loggedAt < 1_000) return;
    this.loggedAt = now;
    const fields = { err: error, waiting: waiting + this.queue.length };
    if (isDamage(error))
      this.logger?.error(fields, 'the database says that its files are damaged; trying again: repair or restore it');
    else this.logger?.warn(fields, 'the database does not answer; trying again');
  }
}
