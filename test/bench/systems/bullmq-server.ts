import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { StageAddress } from '../bench-client.js';
import { serveBare } from './bare-server.js';
import { BULLMQ_QUEUE } from './bullmq-client.js';

/** `bullmq-server.js <address as JSON> <port>`: a job for each request. */
const [address, port] = process.argv.slice(2) as [string, string];
const queue = new Queue(BULLMQ_QUEUE, { connection: { url: (JSON.parse(address) as StageAddress).redisUrl } });
await queue.waitUntilReady();
serveBare(port, (steps) => queue.add('run', { steps }, { jobId: randomUUID() }));
