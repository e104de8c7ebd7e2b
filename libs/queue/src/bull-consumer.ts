import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { finishJobs, JOBS_PER_CALL, type TakenJob, takeJobs } from './bull-batch.js';
import { bullWorkerOptions, LOCK_MS } from './bull-options.js';
import { closeWorker } from './close-worker.js';
import { WORKER_BLOCK_SECONDS } from './redis-connection.js';
import { TurnGroup } from './turn-group.js';

export interface BullConsumerOptions {
  /** The worker's id: in each job that it takes. */
  id: string;
  /** Jobs in work at once. */
  concurrency: number;
  /** That of all keys of BullMQ. */
  prefix: string;
}

/** Does what a job asks; the job ends with it. */
export type JobHandler = (data: unknown) => Promise<void>;

/** After a failure of Redis: try again. */
const RETRY_MS = 500;
/** How long a pause waits for jobs that are just being taken. */
const LAST_TAKE_MS = 1_000;

interface ActiveJob extends TakenJob {
  readonly since: number;
}

/**
 * Takes jobs off a queue of BullMQ by the batch, as many as it has room for, and ends by the batch those that one turn of the event loop has
 * done. BullMQ's own worker, which would take and end them one by one, stands behind it: it waits for jobs, keeps their locks, takes over those of
 * dead workers, and ends those that failed.
 */
export class BullConsumer {
  private readonly worker: Worker;
  private readonly active = new Set<ActiveJob>();
  /** Those in work, and those that are just being ended. */
  private readonly works = new Set<Promise<void>>();
  private readonly finishes: TurnGroup<TakenJob, boolean>;
  private readonly renewal: NodeJS.Timeout;
  private roomMade = Promise.withResolvers<void>();
  private taking: Promise<unknown> = Promise.resolve();
  private batches = 0;
  private isPaused = false;
  private isClosed = false;

  /** @param redis a connection of the kind `worker` */
  constructor(
    queueName: string,
    private readonly handler: JobHandler,
    private readonly redis: Redis,
    private readonly options: BullConsumerOptions,
  ) {
    const { id, concurrency, prefix } = options;
    this.worker = new Worker(queueName, null, { ...bullWorkerOptions(redis, { id, concurrency }), prefix });
    // The connection logs its own errors; without a listener, BullMQ would print them.
    this.worker.on('error', () => undefined);
    this.finishes = new TurnGroup(JOBS_PER_CALL, async (jobs) => {
      const left = new Set(await finishJobs(redis, this.worker, jobs));
      return jobs.map((_, position) => !left.has(position));
    });
    this.renewal = setInterval(() => void this.renewLocks(), LOCK_MS / 3).unref();
    void this.worker.startStalledCheckTimer().catch(() => undefined);
    void this.run();
  }

  /** Resolves when it can take jobs. */
  async waitUntilReady(): Promise<void> {
    await this.worker.waitUntilReady();
  }

  /** Takes no more jobs; those in work go on. */
  async pause(): Promise<void> {
    this.isPaused = true;
    this.roomMade.resolve();
    const bound = new AbortController();
    await Promise.race([this.taking, pause(LAST_TAKE_MS, undefined, { signal: bound.signal }).catch(() => undefined)]);
    bound.abort();
    await this.worker.pause(true).catch(() => undefined);
  }

  /** Takes no more jobs, waits at most `graceMs` for those in work, and lets go of its connections but the given one; whether they ended. */
  async close(graceMs: number): Promise<boolean> {
    const endsAt = performance.now() + graceMs;
    await this.pause();
    const late = new AbortController();
    const grace = pause(Math.max(0, endsAt - performance.now()), undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.works), grace]);
    late.abort();
    const haveEnded = this.works.size === 0;
    this.isClosed = true;
    clearInterval(this.renewal);
    await closeWorker(this.worker, Math.max(0, endsAt - performance.now()));
    return haveEnded;
  }

  private async run(): Promise<void> {
    while (!this.isPaused) {
      const room = this.options.concurrency - this.active.size;
      try {
        if (room <= 0) await this.waitForRoom();
        else if ((await this.take(room)) < room) await this.waitForJob();
      } catch {
        await pause(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  /** How many it got. */
  private async take(room: number): Promise<number> {
    const { id: worker } = this.options;
    const token = `${this.worker.id}:${(this.batches += 1)}`;
    const taking = takeJobs(this.redis, this.worker, { room, worker, token, lockMs: LOCK_MS });
    this.taking = taking.catch(() => undefined);
    const jobs = await taking;
    for (const job of jobs) this.begin({ ...job, since: performance.now() });
    return jobs.length;
  }

  private async waitForRoom(): Promise<void> {
    await this.roomMade.promise;
    this.roomMade = Promise.withResolvers<void>();
    // What else ends in this turn makes room as well.
    await nextTurn();
  }

  private async waitForJob(): Promise<void> {
    if (this.isPaused) return;
    const backend = this.worker.getBackend();
    try {
      await backend.waitForJob(WORKER_BLOCK_SECONDS);
    } catch (error) {
      if (!this.isClosed) await backend.reconnectBlocking();
      throw error;
    }
  }

  private begin(job: ActiveJob): void {
    this.active.add(job);
    const work = this.work(job).finally(() => this.works.delete(work));
    this.works.add(work);
  }

  private async work(job: ActiveJob): Promise<void> {
    let failure: { error: unknown } | null = null;
    try {
      await this.handler(JSON.parse(job.data));
    } catch (error) {
      failure = { error };
    }
    // It is ended in the queue before the next one is taken: both go over one connection.
    this.active.delete(job);
    this.roomMade.resolve();
    // A job that cannot be ended is found by the stalled check, and done once more: its run is then refused.
    for (const giveUpAt = performance.now() + LOCK_MS; !this.isClosed && performance.now() < giveUpAt;) {
      try {
        if (failure !== null || !(await this.finishes.ask(job))) await this.endByBullMq(job, failure);
        return;
      } catch {
        await pause(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  /** A job that failed is kept for operators; one that was woken up meanwhile becomes a new one. */
  private async endByBullMq({ id, token }: TakenJob, failure: { error: unknown } | null): Promise<void> {
    const job = await Job.fromId(this.worker, id);
    if (job === undefined) return;
    if (failure === null) await job.moveToCompleted(null, token, false);
    else await job.moveToFailed(asError(failure.error), token, false);
  }

  private async renewLocks(): Promise<void> {
    const before = performance.now() - LOCK_MS / 4;
    const jobs = [...this.active].filter(({ since }) => since < before);
    if (jobs.length === 0) return;
    const [ids, tokens] = [jobs.map(({ id }) => id), jobs.map(({ token }) => token)];
    // What cannot be renewed now is at the next turn; a lock that ends meanwhile costs a claim that is refused.
    await this.worker.extendJobLocks(ids, tokens, LOCK_MS).catch(() => undefined);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
