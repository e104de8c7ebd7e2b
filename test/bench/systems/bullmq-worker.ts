import { Worker } from 'bullmq';
import type { RunShape, StageAddress } from '../bench-client.js';
import { BULLMQ_QUEUE } from './bullmq-client.js';

/** The worker process: `bullmq-worker.js <address as JSON>`. Each step of several is kept as the job's progress. */
const { redisUrl } = JSON.parse(process.argv[2]!) as StageAddress;

const worker = new Worker<{ steps: number; shape?: RunShape }>(
  BULLMQ_QUEUE,
  async (job) => {
    if (job.data.steps === 1) return { i: 1 };
    if (job.data.shape === 'fan')
      await Promise.all(Array.from({ length: job.data.steps }, (_, index) => job.updateProgress({ i: index + 1 })));
    else for (let i = 1; i <= job.data.steps; i++) await job.updateProgress({ i });
    return { i: job.data.steps };
  },
  { connection: { url: redisUrl }, concurrency: 200 },
);
await worker.waitUntilReady();
