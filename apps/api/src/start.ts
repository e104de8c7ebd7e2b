import 'reflect-metadata';
import { createLogger, loadConfig, newInstanceId, runMain } from '@baton/platform';
import { createApiApp } from './api-app.js';
import { listen } from './doors.js';
import { boundHeapGrowth } from './heap-growth.js';

await runMain(async () => {
  // Before the first collection, which sets how far the heap may grow until the next.
  boundHeapGrowth();
  const config = loadConfig('api');
  const logger = createLogger(config);
  const app = await createApiApp({ config, logger, instanceId: newInstanceId() });
  app.enableShutdownHooks([], { useProcessExit: true });
  await listen(app, config);
  logger.info({ url: await app.getUrl() }, 'API is ready');
});
