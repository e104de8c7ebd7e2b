import { Inject, Injectable } from '@nestjs/common';
import { Worker } from 'bullmq';
import { RunQueue } from '@baton/core';
import { RunAdvancer } from '@baton/engine';
import { CONFIG, INSTANCE_ID, LOGGER, type BatonLogger, type Config } from '@baton/platform';
import { bullWorkerOptions, closeWorker, MemoryRunQueue, parseDispatch, redisConnection, RUN_QUEUE } from '@baton/queue';

/** What feeds a worker: it first stops taking jobs, and ends when those in work have been reported. */
interface Intake {
  pause(): Promise<void>;
  close(): Promise<void>;
}

/** How long the end of the last jobs may take to be reported. */
const CLOSE_WITHIN_MS = 2_000;

/** Takes jobs off the queue and gives them to the {@link RunAdvancer}; a job ends when its run ends, parks or is let go. */
@Injectable()
export class RunConsumer {
  private intake: Intake | null = null;

  constructor(
    private readonly queue: RunQueue,
    private readonly advancer: RunAdvancer,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: BatonLogger,
    @Inject(INSTANCE_ID) private readonly instanceId: string,
  ) {}

  start(): void {
    this.intake = this.queue instanceof MemoryRunQueue ? this.consumeInProcess(this.queue) : this.consumeFromRedis();
  }

  /** Takes no more jobs; those in work go on. */
  async pause(): Promise<void> {
    await this.intake?.pause();
  }

  /** Waits a little for the jobs in work to be reported, and lets go of the connections. */
  async close(): Promise<void> {
    await this.intake?.close();
  }

  private consumeInProcess(queue: MemoryRunQueue): Intake {
    const { workerConcurrency: concurrency } = this.config;
    const consumption = queue.consume((dispatch) => this.advancer.advance(dispatch), { concurrency });
    return { pause: () => consumption.close(0), close: () => consumption.close(CLOSE_WITHIN_MS) };
  }

  private consumeFromRedis(): Intake {
    const { logger, config } = this;
    const connection = redisConnection(config.redisUrl!, 'worker', { instance: this.instanceId, logger });
    const worker = new Worker(RUN_QUEUE, (job) => this.advancer.advance(parseDispatch(job.data)), {
      ...bullWorkerOptions(connection, { id: this.instanceId, concurrency: config.workerConcurrency }),
      prefix: config.redisPrefix,
    });
    // The connection logs its own errors; without a listener, BullMQ would print them.
    worker.on('error', () => undefined);
    return {
      pause: () => worker.pause(true),
      close: async () => {
        await closeWorker(worker, CLOSE_WITHIN_MS);
        connection.disconnect();
      },
    };
  }
}
