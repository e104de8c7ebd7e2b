import { type Dispatch, type QueueDepth, RunQueue } from '@baton/core';
import { deduplicationId } from './bull-options.js';
import { type QueueLogger, silentLogger } from './logger.js';

export type DispatchHandler = (dispatch: Dispatch) => Promise<void>;

export interface Consumption {
  /** Takes no more jobs, and waits at most `graceMs` for those that are active. */
  close(graceMs: number): Promise<void>;
}

interface ActiveJob {
  dispatch: Dispatch;
  wokenUp: boolean;
}

interface Consumer {
  handler: DispatchHandler;
  concurrency: number;
  active: Set<Promise<void>>;
}

/** {@link RunQueue} of one process, with the semantics of the one on BullMQ: first in, first out, one job per dispatch. */
export class MemoryRunQueue extends RunQueue {
  readonly kind = 'memory';
  private readonly waiting = new Map<string, Dispatch>();
  private readonly active = new Map<string, ActiveJob>();
  private readonly consumers = new Set<Consumer>();
  private failed = 0;
  private known = false;

  constructor(private readonly logger: QueueLogger = silentLogger) {
    super();
  }

  async enqueue(dispatches: readonly Dispatch[]): Promise<void> {
    for (const dispatch of dispatches) this.add(dispatch);
    this.hand();
  }

  async findMissing(dispatches: readonly Dispatch[]): Promise<Dispatch[]> {
    return dispatches.filter((dispatch) => {
      const id = deduplicationId(dispatch);
      return !this.waiting.has(id) && !this.active.has(id);
    });
  }

  /** None: what this process has taken ends with it, and no other takes from it. */
  async findTaken(): Promise<Dispatch[]> {
    return [];
  }

  async takeWipeNotice(): Promise<boolean> {
    const isNew = !this.known;
    this.known = true;
    return isNew;
  }

  /** `failed` counts the handlers that threw; nothing is kept of them. */
  async depth(): Promise<QueueDepth> {
    return { waiting: this.waiting.size, active: this.active.size, delayed: 0, failed: this.failed };
  }

  async findTrouble(): Promise<null> {
    return null;
  }

  async ping(): Promise<boolean> {
    return true;
  }

  /** Runs `handler` for each job, at most `concurrency` at a time, until closed. */
  consume(handler: DispatchHandler, options: { concurrency: number }): Consumption {
    const consumer: Consumer = { handler, concurrency: options.concurrency, active: new Set() };
    this.consumers.add(consumer);
    this.hand();
    return {
      close: async (graceMs) => {
        this.consumers.delete(consumer);
        await settled(consumer.active, graceMs);
      },
    };
  }

  private add(dispatch: Dispatch): void {
    const id = deduplicationId(dispatch);
    const active = this.active.get(id);
    if (active !== undefined) active.wokenUp = true;
    else if (!this.waiting.has(id)) this.waiting.set(id, { ...dispatch });
  }

  /** Hands waiting jobs to consumers with room. */
  private hand(): void {
    for (const consumer of this.consumers) {
      for (const [id, dispatch] of this.waiting) {
        if (consumer.active.size >= consumer.concurrency) break;
        this.waiting.delete(id);
        this.active.set(id, { dispatch, wokenUp: false });
        const job = this.run(consumer, id, dispatch).finally(() => {
          consumer.active.delete(job);
          this.hand();
        });
        consumer.active.add(job);
      }
    }
  }

  private async run(consumer: Consumer, id: string, dispatch: Dispatch): Promise<void> {
    try {
      await consumer.handler(dispatch);
    } catch (error) {
      this.failed += 1;
      this.logger.error({ err: error, run_id: dispatch.runId }, 'Job failed');
    }
    const wokenUp = this.active.get(id)?.wokenUp ?? false;
    this.active.delete(id);
    if (wokenUp) this.add(dispatch);
  }
}

async function settled(jobs: ReadonlySet<Promise<void>>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.all(jobs), grace]);
  clearTimeout(timer);
}
