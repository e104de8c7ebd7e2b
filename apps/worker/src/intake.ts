import type { Logger } from '@baton/core';
import type { Config } from '@baton/platform';
import { BullConsumer, redisConnection, type Consumption, type JobHandler } from '@baton/queue';

/** What feeds a worker: it first stops taking jobs, and ends when those in work have been reported. */
export interface Intake {
  pause(): Promise<void>;
  close(): Promise<void>;
}

/** How long the end of the last jobs may take to be reported. */
const CLOSE_WITHIN_MS = 2_000;

/** Of a queue within the process. */
export function intakeInProcess(consumption: Consumption): Intake {
  return { pause: () => consumption.close(0), close: () => consumption.close(CLOSE_WITHIN_MS) };
}

/** Of a queue on BullMQ, over a connection of its own. */
export function intakeFromRedis(
  queueName: string,
  handler: JobHandler,
  process: { config: Config; logger: Logger; instanceId: string; concurrency: number },
): Intake {
  const { config, logger, instanceId, concurrency } = process;
  const connection = redisConnection(config.redisUrl!, 'worker', { instance: instanceId, logger });
  const consumer = new BullConsumer(queueName, handler, connection, { id: instanceId, concurrency, prefix: config.redisPrefix });
  return {
    pause: () => consumer.pause(),
    close: async () => {
      await consumer.close(CLOSE_WITHIN_MS);
      connection.disconnect();
    },
  };
}
