import {
  isTerminal,
  type CheckpointStore,
  type Clock,
  type CommitNotice,
  type FoldedRun,
  type Run,
  type RunStore,
} from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';
import { CHECKPOINT_MIN_EVENTS, type RunLoader } from './load-run.js';
import { packState } from './packed-state.js';

export interface CheckpointWriterOptions {
  intervalMs: number;
  /** A run gets a checkpoint when its journal has grown by so many events since the last one… */
  everyEvents: number;
  /** …or after so many milliseconds in which it has grown at all. */
  everyMs: number;
  /** A state that is larger, compressed, is not kept. */
  maxBytes: number;
  /** Checkpoints written in one pass. */
  batch: number;
}

export interface CheckpointPass {
  written: number;
  removed: number;
}

/** What is known of a run that grows in this process. */
interface Growth {
  /** Where its journal stands. */
  seq: number;
  /** Where its last checkpoint stands, as far as this process knows. */
  keptSeq: number;
  /** When it began to grow beyond that. */
  since: number;
  grewAt: number;
  /** Nodes of its plan, once that has been loaded. */
  nodes: number;
}

/** How often the checkpoints of ended runs are looked for that other processes have left behind. */
const SWEEP_EVERY_MS = 60_000;
const SWEEP_PAGE = 500;

/**
 * Writes the checkpoints of long runs that grow in this process, and removes those of ended ones. It folds the journal as every reader does, so
 * that whoever advances the run pays nothing; of a short run it takes no notice. Any number of writers may be at it: the latest checkpoint stays.
 */
export class CheckpointWriter {
  private readonly loop: ActorLoop;
  private readonly growing = new Map<string, Growth>();
  private readonly ended = new Set<string>();
  private sweptAt = -Infinity;
  private sweepAfter: string | null = null;
  private stopListening = (): void => undefined;

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'findRuns' | 'onCommit'>;
      checkpoints: CheckpointStore;
      loader: RunLoader;
      clock: Clock;
      observer: EngineObserver;
      random: () => number;
    },
    private readonly options: CheckpointWriterOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('checkpoint writer', pass, parts, options.intervalMs);
  }

  start(): void {
    this.stopListening = this.parts.runs.onCommit((notice) => this.hear(notice));
    this.loop.start();
  }

  stop(): Promise<void> {
    this.stopListening();
    return this.loop.stop();
  }

  /** Hears of a commit: O(1) for each run that grew, nothing for one that is short. */
  hear({ grown }: Pick<CommitNotice, 'grown'>): void {
    for (const { runId, seq, ended } of grown) {
      if (seq < CHECKPOINT_MIN_EVENTS) continue;
      if (ended) {
        this.growing.delete(runId);
        this.ended.add(runId);
        continue;
      }
      const now = this.parts.clock.now();
      const growth = this.growing.get(runId);
      if (growth === undefined) this.growing.set(runId, { seq, keptSeq: 0, since: now, grewAt: now, nodes: 0 });
      else Object.assign(growth, { seq, grewAt: now });
    }
  }

  /** One pass: writes what is due, within the batch, and removes what nobody needs any more. */
  async runOnce(): Promise<CheckpointPass> {
    const now = this.parts.clock.now();
    const removed = (await this.removeEnded()) + (await this.sweep(now));
    const due = new Map([...this.growing].filter(([, growth]) => this.isDue(growth, now)).slice(0, this.options.batch));
    const rows = due.size === 0 ? [] : await this.parts.runs.findRuns([...due.keys()]);
    let written = 0;
    for (const run of rows) {
      if (this.loop.isStopping) break;
      if (await this.write(run, due.get(run.id)!)) written += 1;
    }
    for (const [runId, { grewAt }] of this.growing) if (now - grewAt > this.options.everyMs) this.growing.delete(runId);
    this.parts.observer.checkpointsPassed({ written, removed });
    return { written, removed };
  }

  /** A state costs as much as the run has nodes: where those are many it is kept less often, so that an event costs the same. */
  private isDue({ seq, keptSeq, since, nodes }: Growth, now: number): boolean {
    const { everyEvents, everyMs } = this.options;
    const grown = seq - keptSeq;
    return grown >= Math.max(everyEvents, nodes) || (grown >= CHECKPOINT_MIN_EVENTS && now - since >= everyMs);
  }

  /** Whether one was needed, and could be written. */
  private async write(run: Run, growth: Growth): Promise<boolean> {
    const { loader, clock, observer } = this.parts;
    try {
      const folded = await loader.loadCheckpoint(run);
      Object.assign(growth, { keptSeq: folded.state.seq, nodes: folded.state.plan.nodes.length });
      if (isTerminal(run.status) || !this.isDue(growth, clock.now())) return false;
      // Also where what follows fails, or is too large: its turn comes again when it has grown on.
      Object.assign(growth, { keptSeq: run.seq, since: clock.now() });
      await loader.readOn(run, folded);
      return await this.keep(run, folded);
    } catch (error) {
      observer.trouble({ what: 'checkpoint', runId: run.id, error });
      return false;
    }
  }

  private async keep({ id: runId, tenantId }: Run, folded: FoldedRun): Promise<boolean> {
    const { checkpoints, clock, observer } = this.parts;
    const state = packState(folded);
    if (state.length > this.options.maxBytes) {
      observer.checkpointIgnored({ runId, reason: 'size' });
      return false;
    }
    await checkpoints.keep({ runId, tenantId, seq: folded.state.seq, state, createdAt: clock.now() });
    return true;
  }

  private async removeEnded(): Promise<number> {
    if (this.ended.size === 0) return 0;
    const runIds = [...this.ended].slice(0, SWEEP_PAGE);
    const removed = await this.parts.checkpoints.remove(runIds);
    for (const runId of runIds) this.ended.delete(runId);
    return removed;
  }

  private async sweep(now: number): Promise<number> {
    if (this.sweepAfter === null && now - this.sweptAt < SWEEP_EVERY_MS) return 0;
    this.sweptAt = now;
    const { removed, next } = await this.parts.checkpoints.removeEnded({ after: this.sweepAfter, limit: SWEEP_PAGE });
    this.sweepAfter = next;
    return removed;
  }
}
