import 'reflect-metadata';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { PoolDispatch } from '@baton/core';
import { PoolWorker } from '@baton/engine';
import { createLogger, loadConfig, NestLogger, newInstanceId, PlatformModule, runMain, type Config } from '@baton/platform';
import { WorkerModule } from '../../../worker/src/index.js';
import type { DemoWorkerNews, DemoWorkerOrders } from './demo-worker-process.js';
import { DEMO_POOL } from './demo-workflow.js';

/** Without a queue between the processes this one leaves what is due to the other, which looks more often. */
const PATIENT_WAKER_MS = 2_000;

/** The worker of the demo: it executes the nodes of its pool, until it is killed. */
await runMain(async () => {
  // Ctrl-C reaches this process as well; the one that has started it says when.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  const [orders] = (await once(process, 'message')) as [DemoWorkerOrders];
  const config = follow(loadConfig('standalone'), orders);
  const { logFile } = orders;
  const logger = createLogger(config, logFile === null ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 }));
  const platform = PlatformModule.forRoot({ config, logger, instanceId: newInstanceId() });
  const app = await NestFactory.createApplicationContext(
    { module: class Root {}, imports: [platform, WorkerModule] },
    { logger: new NestLogger(logger), abortOnError: false },
  );
  app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
  const worker = app.get(PoolWorker);
  process.on('message', (dispatch: PoolDispatch) => {
    void worker.work(dispatch).then(() => tell({ kind: 'done', dispatch }));
  });
  tell({ kind: 'ready' });
  logger.info({ pool: DEMO_POOL }, 'The worker of the demo takes nodes');
});

function tell(news: DemoWorkerNews): void {
  if (process.connected) process.send!(news);
}

function follow(config: Config, { queue, redisUrl }: DemoWorkerOrders): Config {
  return {
    ...config,
    ...{ queue, redisUrl, workerRuns: false, workerPools: [DEMO_POOL], workerPort: null },
    ...(queue === 'memory' && { wakerIntervalMs: PATIENT_WAKER_MS }),
  };
}
