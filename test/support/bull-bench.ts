import { type Job, Queue, Worker } from 'bullmq';
import {
  BullConsumer,
  BullRunQueue,
  bullQueueOptions,
  type BullRunQueueOptions,
  bullWorkerOptions,
  type DispatchHandler,
  parseDispatch,
  RUN_QUEUE,
} from '@baton/queue';
import type { RedisBench } from './redis-clients.js';
import { freshName } from './redis-clients.js';

/** One BullMQ queue under a fresh prefix, with producers and workers as the apps make them. */
export class BullBench {
  readonly prefix = freshName();

  constructor(
    private readonly bench: RedisBench,
    private readonly url?: string,
  ) {}

  async producer(options: BullRunQueueOptions = {}): Promise<BullRunQueue> {
    return (await this.producerAndQueue(options)).producer;
  }

  async producerAndQueue(options: BullRunQueueOptions = {}): Promise<{ producer: BullRunQueue; queue: Queue }> {
    const redis = await this.bench.connect('queue', { url: this.url });
    const queue = new Queue(RUN_QUEUE, { ...bullQueueOptions(redis), prefix: this.prefix });
    return { producer: new BullRunQueue(queue, redis, options), queue };
  }

  async worker(handler: DispatchHandler, { id = 'worker', concurrency = 10, url = this.url } = {}): Promise<BullConsumer> {
    const redis = await this.bench.connect('worker', { url });
    const options = { id, concurrency, prefix: this.prefix };
    const consumer = new BullConsumer(RUN_QUEUE, async (data) => handler(parseDispatch(data)), redis, options);
    await consumer.waitUntilReady();
    return consumer;
  }

  /** A worker that is BullMQ's own: it takes the same jobs. */
  async plainWorker(handler: DispatchHandler, { id = 'worker', concurrency = 10 } = {}): Promise<Worker> {
    const redis = await this.bench.connect('worker', { url: this.url });
    const process = (job: Job): Promise<void> => handler(parseDispatch(job.data));
    const worker = new Worker(RUN_QUEUE, process, { ...bullWorkerOptions(redis, { id, concurrency }), prefix: this.prefix });
    worker.on('error', () => undefined);
    await worker.waitUntilReady();
    return worker;
  }
}
