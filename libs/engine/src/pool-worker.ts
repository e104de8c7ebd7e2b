import { randomUUID } from 'node:crypto';
import {
  BatonError,
  faultPoint,
  poolJobId,
  toErrorInfo,
  type PoolDispatch,
  type PoolJob,
  type PoolJobChange,
  type PoolJobKey,
  type WorkerRegistry,
} from '@baton/core';
import { PoolExecution, type PoolExecutionParts, type PoolStop } from './pool-execution.js';

export interface PoolWorkerOptions {
  workerId: string;
  /** Takes in a row without an end after which a node is poison. */
  maxTakes: number;
  maxOutputBytes: number;
}

export interface PoolWorkerParts extends Omit<PoolExecutionParts, 'announcedInPool' | 'maxOutputBytes'> {
  registry: WorkerRegistry;
}

/** The worker's part in pools: takes jobs by their rows, executes their nodes, and tells their runs. One execution a job in this process. */
export class PoolWorker {
  private readonly held = new Map<string, PoolExecution>();
  private readonly inWork = new Set<Promise<void>>();
  /** What SQL could not be told yet: sent again with each renewal of the lease. */
  private readonly owed = new Map<string, PoolJobChange>();
  /** Runs whose jobs are being looked up; true: once more after that. */
  private readonly looking = new Map<string, boolean>();
  private draining = false;

  constructor(
    private readonly parts: PoolWorkerParts,
    private readonly options: PoolWorkerOptions,
  ) {}

  /** Does what a job asks; returns when the node has ended or was given back. Never throws: SQL says what is out. */
  async work(dispatch: PoolDispatch): Promise<void> {
    if (this.draining) return;
    const { runId } = dispatch;
    const work = this.takeAndExecute(dispatch).catch((error: unknown) =>
      this.parts.observer.trouble({ what: 'pool job', runId, error }),
    );
    this.inWork.add(work);
    await work;
    this.inWork.delete(work);
  }

  /** The journal of a run has grown: perhaps it wants a node of this worker no more. */
  hear({ runId, ended }: { runId: string; ended: boolean }): void {
    const ofRun = [...this.held.values()].filter(({ job }) => job.runId === runId);
    if (ended) for (const execution of ofRun) execution.stop('unwanted');
    else if (ofRun.length > 0) void this.lookAfter(runId);
  }

  /** Called with each renewal of the lease: looks whether the runs still want what is in work, and sends what is owed. */
  async renewed(): Promise<void> {
    const runIds = new Set([...this.held.values()].map(({ job }) => job.runId));
    await Promise.all([
      ...[...runIds].map((runId) => this.lookAfter(runId)),
      ...[...this.owed.values()].map((change) => this.send(change)),
    ]);
  }

  /** Gives every job back: the lease is gone. */
  stopAll(why: PoolStop = 'given_back'): void {
    for (const execution of this.held.values()) execution.stop(why);
  }

  /** Takes no more, lets nodes in work finish within `graceMs`, then gives the rest back. */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    const finished = new AbortController();
    const all = Promise.all(this.inWork);
    await Promise.race([all, this.parts.clock.sleep(graceMs, finished.signal)]);
    finished.abort();
    this.stopAll();
    await all;
    await this.renewed();
  }

  private async takeAndExecute(dispatch: PoolDispatch): Promise<void> {
    const job = await this.take(dispatch);
    if (job === null) return;
    faultPoint('pool.afterTake');
    const { maxTakes, maxOutputBytes } = this.options;
    if (job.takes > maxTakes) return this.send(this.poisoned(job));
    const announcedInPool = (pool: string, types: readonly string[]): Promise<boolean> => this.announcedInPool(pool, types);
    const execution = new PoolExecution(job, job.token!, { ...this.parts, announcedInPool, maxOutputBytes });
    this.held.set(poolJobId(job), execution);
    try {
      const change = await execution.execute();
      if (change !== null) await this.send(change);
    } catch (error) {
      this.owe({ ...keyOf(job), kind: 'release', token: job.token! });
      throw error;
    } finally {
      this.held.delete(poolJobId(job));
    }
  }

  private async take({ runId, seq, generation }: PoolDispatch): Promise<PoolJob | null> {
    const { runs, clock } = this.parts;
    const token = randomUUID();
    const take = { runId, seq, kind: 'take', workerId: this.options.workerId, token, generation, at: clock.now() } as const;
    try {
      const outcome = await runs.changePoolJob(take);
      return outcome.kind === 'done' ? outcome.job : null;
    } catch (error) {
      this.owe({ runId, seq, kind: 'release', token });
      throw error;
    }
  }

  private poisoned(job: PoolJob): PoolJobChange {
    const takes = job.takes - 1;
    const detail = `Taken ${takes} times in the pool ${job.pool} without an end.`;
    const error = toErrorInfo(new BatonError('poison_node', detail, { node_id: job.nodeId, takes }, { retryable: false }));
    return { ...keyOf(job), kind: 'finish', token: job.token!, outcome: { kind: 'failed', error }, at: this.parts.clock.now() };
  }

  /** Refused: the job is gone, or another's. Either way nothing is owed any more. */
  private async send(change: PoolJobChange): Promise<void> {
    try {
      await this.parts.runs.changePoolJob(change);
      this.owed.delete(poolJobId(change));
    } catch (error) {
      this.owe(change);
      this.parts.observer.trouble({ what: 'pool job', runId: change.runId, error });
    }
  }

  private owe(change: PoolJobChange): void {
    this.owed.set(poolJobId(change), change);
  }

  private async lookAfter(runId: string): Promise<void> {
    if (this.looking.has(runId)) return void this.looking.set(runId, true);
    this.looking.set(runId, false);
    try {
      await this.stopUnwanted(runId);
    } catch (error) {
      this.parts.observer.trouble({ what: 'pool job', runId, error });
    }
    const again = this.looking.get(runId);
    this.looking.delete(runId);
    if (again === true) await this.lookAfter(runId);
  }

  private async stopUnwanted(runId: string): Promise<void> {
    const ofRun = [...this.held.values()].filter(({ job }) => job.runId === runId);
    if (ofRun.length === 0) return;
    const open = await this.parts.runs.findPoolJobs(
      runId,
      ofRun.map(({ job }) => job.seq),
    );
    const tokens = new Set(open.map(({ token }) => token));
    for (const execution of ofRun) if (!tokens.has(execution.token)) execution.stop('unwanted');
  }

  private async announcedInPool(pool: string, types: readonly string[]): Promise<boolean> {
    const others = (await this.parts.registry.list()).filter(({ id, live }) => live && id !== this.options.workerId);
    return others.some(({ pools, nodeTypes }) => pools.includes(pool) && types.every((type) => nodeTypes.includes(type)));
  }
}

function keyOf({ runId, seq }: PoolJobKey): PoolJobKey {
  return { runId, seq };
}
