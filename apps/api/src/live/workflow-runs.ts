import { Injectable } from '@nestjs/common';
import { Clock, RunStore, type Run } from '@baton/core';
import { ChangeFeed, LIVE_STATUSES } from '@baton/engine';
import type { EventPosition } from '../wire/event.js';
import { LiveClosing } from './live-close.js';

export interface WorkflowRunsQuery {
  tenantId: string;
  workflowId: string;
  /** Runs that were accepted since then are among them though they have ended. */
  since: number | undefined;
  /** What is known of some runs already: they go on from there, though they have ended. */
  after: readonly EventPosition[];
}

/** Sends a run's events after a seq; resolves at its end, and is never rejected. */
type SendRun = (runId: string, afterSeq: number) => Promise<void>;

/** Runs that one client follows at once. */
const AT_ONCE = 200;
/** Runs that have been looked at are not looked at again. */
const REMEMBERED = 10_000;
/** How much later than a run that is known another one may come to light that says it was accepted before: clocks differ. */
const OVERLAP_MS = 60_000;

/** The runs of workflows, as they come. */
@Injectable()
export class WorkflowRuns {
  constructor(
    private readonly runs: RunStore,
    private readonly changes: ChangeFeed,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends the runs that are live, or asked for, and every run that begins from now on, each once.
   * @throws LiveClosing when more are live than one client can follow.
   */
  async follow(query: WorkflowRunsQuery, signal: AbortSignal, send: SendRun): Promise<void> {
    const following = new Following(query, signal, send);
    const leave = await this.changes.listen('runs', query.tenantId, (ids) => following.hear(ids));
    try {
      let lookedAt = this.clock.now();
      following.take(await this.first(query));
      while (!signal.aborted) {
        await following.untilHeard();
        const ids = following.forget();
        const now = this.clock.now();
        following.take(await (ids === null ? this.list(query, lookedAt - OVERLAP_MS) : this.runs.findRuns(ids)));
        lookedAt = now;
      }
    } finally {
      leave();
    }
  }

  private async first(query: WorkflowRunsQuery): Promise<Run[]> {
    const { tenantId, workflowId, since, after } = query;
    const resumed = after.length === 0 ? [] : await this.runs.findRuns(after.map(({ runId }) => runId));
    const accepted = since === undefined ? [] : await this.list(query, since);
    const live = await Promise.all(
      LIVE_STATUSES.map((status) => this.runs.listRuns({ tenantId, workflowId, status, limit: AT_ONCE + 1 })),
    );
    return [...resumed, ...accepted, ...live.flat()];
  }

  private list({ tenantId, workflowId }: WorkflowRunsQuery, createdFrom: number): Promise<Run[]> {
    return this.runs.listRuns({ tenantId, workflowId, createdFrom, limit: 1_000 });
  }
}

/** Which runs one client follows, and has followed. */
class Following {
  /** Runs that have changed and were not looked at; null: more than were named. */
  private unknown: Set<string> | null = new Set();
  private readonly seen = new Set<string>();
  private live = 0;
  private heard = Promise.withResolvers<void>();

  constructor(
    private readonly query: WorkflowRunsQuery,
    private readonly signal: AbortSignal,
    private readonly send: SendRun,
  ) {
    signal.addEventListener('abort', () => this.heard.resolve(), { once: true });
  }

  hear(ids: readonly string[] | null): void {
    if (ids === null) this.unknown = null;
    else for (const id of ids) if (!this.seen.has(id)) this.unknown?.add(id);
    if (this.unknown === null || this.unknown.size > 0) this.heard.resolve();
  }

  take(runs: readonly Run[]): void {
    for (const { id, tenantId, workflow } of runs) {
      if (this.seen.has(id)) continue;
      this.seen.add(id);
      if (tenantId === this.query.tenantId && workflow.id === this.query.workflowId) this.begin(id);
    }
    for (const id of this.seen) {
      if (this.seen.size <= REMEMBERED) break;
      this.seen.delete(id);
    }
  }

  /** Resolves when a run has changed that was not looked at, and at the end. */
  untilHeard(): Promise<void> {
    return this.heard.promise;
  }

  /** Which they are; null: more than were named. */
  forget(): string[] | null {
    const unknown = this.unknown === null ? null : [...this.unknown];
    this.unknown = new Set();
    if (!this.signal.aborted) this.heard = Promise.withResolvers();
    return unknown;
  }

  private begin(id: string): void {
    if (this.live >= AT_ONCE) throw new LiveClosing('too_many', `More than ${AT_ONCE} runs are live: follow them one by one`);
    this.live += 1;
    const afterSeq = this.query.after.find(({ runId }) => runId === id)?.seq ?? 0;
    void this.send(id, afterSeq).finally(() => (this.live -= 1));
  }
}
