import 'reflect-metadata';
import { createLogger, loadConfig, newInstanceId, runMain } from '@baton/platform';
import { createApiApp } from './api-app.js';
import { listen } from './doors.js';

await runMain(async () => {
  const config = loadConfig('api');
  const logger = createLogger(config);
  const app = await createApiApp({ config, logger, instanceId: newInstanceId() });
  app.enableShutdownHooks([], { useProcessExit: true });
  await listen(app, config);
  logger.info({ url: await app.getUrl() }, 'API is ready');
});
