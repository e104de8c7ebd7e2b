import { Worker, type Job } from 'bullmq';
import type { Logger } from '@baton/core';
import type { Config } from '@baton/platform';
import { bullWorkerOptions, closeWorker, redisConnection, type Consumption } from '@baton/queue';

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
  handler: (job: Job) => Promise<void>,
  process: { config: Config; logger: Logger; instanceId: string; concurrency: number },
): Intake {
  const { config, logger, instanceId, concurrency } = process;
  const connection = redisConnection(config.redisUrl!, 'worker', { instance: instanceId, logger });
  const worker = new Worker(queueName, handler, {
    ...bullWorkerOptions(connection, { id: instanceId, concurrency }),
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
