import { Worker } from 'bullmq';
import type { StageAddress } from '../bench-client.js';
import { BULLMQ_QUEUE } from './bullmq-client.js';

/** The worker process: `bullmq-worker.js <address as JSON>`. Each step of several is kept as the job's progress. */
const { redisUrl } = JSON.parse(process.argv[2]!) as StageAddress;

const worker = new Worker<{ steps: number }>(
  BULLMQ_QUEUE,
  async (job) => {
    if (job.data.steps === 1) return { i: 1 };
    for (let i = 1; i <= job.data.steps; i++) await job.updateProgress({ i });
    return { i: job.data.steps };
  },
  { connection: { url: redisUrl }, concurrency: 200 },
);
await worker.waitUntilReady();
