import { type Dispatch, type QueueDepth, type QueuedDispatch, RunQueue } from '@baton/core';
import { deduplicationId } from './bull-options.js';
import { type QueueLogger, silentLogger } from './logger.js';
import { type Fairness, TurnLine, turnOf } from './turns.js';

export type DispatchHandler = (dispatch: Dispatch) => Promise<void>;

export interface Consumption {
  /** Takes no more jobs, and waits at most `graceMs` for those that are active. */
  close(graceMs: number): Promise<void>;
}

interface ActiveJob {
  dispatch: Dispatch;
  /** The level of the turn that it takes when it has ended; null: nobody woke it up. */
  wokenUp: number | null;
}

interface Consumer {
  handler: DispatchHandler;
  concurrency: number;
  active: Set<Promise<void>>;
}

/** {@link RunQueue} of one process, with the semantics of the one on BullMQ: the same order, one job per dispatch. */
export class MemoryRunQueue extends RunQueue {
  readonly kind = 'memory';
  private readonly waiting = new Map<string, Dispatch>();
  private readonly line = new TurnLine();
  private readonly active = new Map<string, ActiveJob>();
  private readonly consumers = new Set<Consumer>();
  private failed = 0;
  private known = false;

  constructor(
    private readonly logger: QueueLogger = silentLogger,
    private readonly fairness: Fairness = 'auto',
  ) {
    super();
  }

  async enqueue(dispatches: readonly QueuedDispatch[]): Promise<void> {
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

  private add(dispatch: QueuedDispatch): void {
    const id = deduplicationId(dispatch);
    const active = this.active.get(id);
    if (active === undefined && this.waiting.has(id)) return;
    const { runId, taskId, generation, claims } = dispatch;
    const level = this.line.nextLevel(turnOf(this.fairness === 'off' ? {} : dispatch));
    if (active === undefined) this.wait(id, { runId, taskId, generation, ...(claims !== undefined && { claims }) }, level);
    else active.wokenUp = level;
  }

  private wait(id: string, dispatch: Dispatch, level: number): void {
    this.waiting.set(id, dispatch);
    this.line.push(id, level);
  }

  /** Hands waiting jobs to consumers with room. */
  private hand(): void {
    for (const consumer of this.consumers) {
      while (this.waiting.size > 0 && consumer.active.size < consumer.concurrency) {
        const id = this.line.pop();
        const dispatch = this.waiting.get(id)!;
        this.waiting.delete(id);
        this.active.set(id, { dispatch, wokenUp: null });
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
    const wokenUp = this.active.get(id)?.wokenUp ?? null;
    this.active.delete(id);
    if (wokenUp !== null) this.wait(id, dispatch, wokenUp);
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
