import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Clock, PoolQueue, RunStore, WorkflowStore } from '@baton/core';
import { DocumentIngestor, RunStarter } from '@baton/engine';
import { isLoopback, type BatonLogger, type Config } from '@baton/platform';
import { MemoryPoolQueue } from '@baton/queue';
import { Demo } from '../../../api/src/index.js';
import { DemoWorkerProcess, type DemoWorkerOrders } from './demo-worker-process.js';
import { DEMO_POOL } from './demo-workflow.js';
import { findFirstRun, isFresh, startFirstRun } from './first-run.js';

/** More than a run of the demo has in its pool. */
const HANDED_AT_ONCE = 10;

/** Whether it is asked for, nobody else can reach it, and a second process can open the database. */
export function hasDemo({ demo, host, databaseUrl }: Config): boolean {
  return demo && isLoopback(host) && databaseUrl.startsWith('sqlite:') && databaseUrl !== 'sqlite::memory:';
}

/** The demo of `npm start`: on data on which nothing has run yet it starts one run, once, and its worker can be killed. */
export class LocalDemo extends Demo {
  private firstRunId: string | null = null;
  private worker: DemoWorkerProcess | null = null;

  constructor(private readonly logger: BatonLogger) {
    super();
  }

  get runId(): string | null {
    return this.firstRunId;
  }

  get hasWorker(): boolean {
    return this.worker !== null && this.worker.pid !== null;
  }

  killWorker(): boolean {
    const pid = this.worker?.kill() ?? null;
    if (pid !== null) this.logger.warn({ pid }, 'The worker of the demo is killed, as was asked for');
    return pid !== null;
  }

  /** Gives the API its demo. */
  module(): DynamicModule {
    return { module: class DemoModule {}, global: true, providers: [{ provide: Demo, useValue: this }], exports: [Demo] };
  }

  /** Starts the worker where these data have a run for it, or can have one, and the run where they have none. */
  async start(app: NestFastifyApplication, orders: DemoWorkerOrders): Promise<void> {
    const parts = {
      ...{ workflows: app.get(WorkflowStore), runs: app.get(RunStore), clock: app.get(Clock) },
      ...{ ingestor: app.get(DocumentIngestor), starter: app.get(RunStarter) },
    };
    this.firstRunId = await findFirstRun(parts);
    const isFirst = this.firstRunId === null && (await isFresh(parts));
    if (this.firstRunId === null && !isFirst) return;
    const worker = new DemoWorkerProcess(orders, this.logger);
    this.worker = worker;
    worker.start();
    const pools = app.get(PoolQueue);
    if (pools instanceof MemoryPoolQueue) {
      // That queue ends with this process: what is in it is handed on.
      pools.consume(DEMO_POOL, (dispatch) => worker.work(dispatch), { concurrency: HANDED_AT_ONCE });
    }
    if (isFirst) this.firstRunId = await startFirstRun(parts);
  }

  async stop(): Promise<void> {
    await this.worker?.stop();
  }
}
