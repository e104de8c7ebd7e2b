import { Inject, Injectable } from '@nestjs/common';
import { RunQueue } from '@baton/core';
import { RunAdvancer } from '@baton/engine';
import { CONFIG, INSTANCE_ID, LOGGER, type BatonLogger, type Config } from '@baton/platform';
import { MemoryRunQueue, parseDispatch, RUN_QUEUE } from '@baton/queue';
import { intakeFromRedis, intakeInProcess, type Intake } from './intake.js';

/**
 * Takes jobs off the queue and gives them to the {@link RunAdvancer}; a job ends when its run ends, parks or is let go. With WORKER_RUNS=false
 * it takes none.
 */
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
    if (this.config.workerRuns) this.intake = this.consume();
  }

  /** Takes no more jobs; those in work go on. */
  async pause(): Promise<void> {
    await this.intake?.pause();
  }

  /** Waits a little for the jobs in work to be reported, and lets go of the connections. */
  async close(): Promise<void> {
    await this.intake?.close();
  }

  private consume(): Intake {
    const { queue, advancer, config, logger, instanceId } = this;
    const concurrency = config.workerConcurrency;
    if (queue instanceof MemoryRunQueue) {
      // The only worker that there is.
      const bound = { concurrency: Math.min(concurrency, config.maxActiveRuns) };
      return intakeInProcess(queue.consume((dispatch) => advancer.advance(dispatch), bound));
    }
    return intakeFromRedis(RUN_QUEUE, async (data) => advancer.advance(parseDispatch(data)), {
      config,
      logger,
      instanceId,
      concurrency,
    });
  }
}
