import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createLogger, loadConfig, NestLogger, newInstanceId, PlatformModule, runMain } from '@baton/platform';
import { WorkerModule } from './worker.module.js';

await runMain(async () => {
  const config = loadConfig('worker');
  const logger = createLogger(config);
  const platform = PlatformModule.forRoot({ config, logger, instanceId: newInstanceId() });
  const app = await NestFactory.createApplicationContext(
    { module: class Root {}, imports: [platform, WorkerModule] },
    { logger: new NestLogger(logger), abortOnError: false },
  );
  app.enableShutdownHooks([], { useProcessExit: true });
  logger.info({ concurrency: config.workerConcurrency }, 'Worker is ready');
});
