import { Queue, QueueEvents } from 'bullmq';
import { randomUUID } from 'node:crypto';
import type { BenchClient, StageAddress } from '../bench-client.js';

export const BULLMQ_QUEUE = 'bench';

/** `Queue.add`, and the end through one QueueEvents: faster here than `job.waitUntilFinished`, which asks Redis once more per job. */
export async function connect({ redisUrl }: StageAddress): Promise<BenchClient> {
  const connection = { url: redisUrl };
  const queue = new Queue(BULLMQ_QUEUE, { connection });
  const events = new QueueEvents(BULLMQ_QUEUE, { connection });
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  const ended = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  events.on('completed', ({ jobId }) => ended.get(jobId)?.resolve());
  events.on('failed', ({ jobId, failedReason }) => ended.get(jobId)?.reject(new Error(failedReason)));

  return {
    async execute(steps, shape) {
      const jobId = randomUUID();
      const end = new Promise<void>((resolve, reject) => ended.set(jobId, { resolve, reject }));
      await queue.add('run', { steps, ...(shape !== undefined && { shape }) }, { jobId });
      await end;
      ended.delete(jobId);
    },
    async close() {
      await Promise.all([queue.close(), events.close()]);
    },
  };
}
