import { Inject, Injectable } from '@nestjs/common';
import { PoolQueue, type Logger } from '@baton/core';
import { PoolWorker } from '@baton/engine';
import { CONFIG, INSTANCE_ID, LOGGER, rateLimited, type Config } from '@baton/platform';
import { MemoryPoolQueue, parsePoolDispatch, poolQueueName } from '@baton/queue';
import { intakeFromRedis, intakeInProcess, type Intake } from './intake.js';

/** Takes jobs off the queues of WORKER_POOLS and gives them to the {@link PoolWorker}. */
@Injectable()
export class PoolConsumer {
  private intakes: readonly Intake[] = [];

  constructor(
    private readonly queue: PoolQueue,
    private readonly worker: PoolWorker,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INSTANCE_ID) private readonly instanceId: string,
  ) {}

  start(): void {
    // Of one outage all pools have the same to say.
    const logger = rateLimited(this.logger);
    this.intakes = this.config.workerPools.map((pool) => this.consume(pool, logger));
  }

  /** Takes no more jobs; those in work go on. */
  async pause(): Promise<void> {
    await Promise.all(this.intakes.map((intake) => intake.pause()));
  }

  /** Waits a little for the jobs in work to be reported, and lets go of the connections. */
  async close(): Promise<void> {
    await Promise.all(this.intakes.map((intake) => intake.close()));
  }

  private consume(pool: string, logger: Logger): Intake {
    const { queue, worker, config, instanceId } = this;
    const concurrency = config.workerPoolConcurrency;
    if (queue instanceof MemoryPoolQueue)
      return intakeInProcess(queue.consume(pool, (dispatch) => worker.work(dispatch), { concurrency }));
    const handler = async (data: unknown): Promise<void> => worker.work(parsePoolDispatch(pool, data));
    return intakeFromRedis(poolQueueName(pool), handler, { config, logger, instanceId, concurrency });
  }
}
