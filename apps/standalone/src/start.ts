import 'reflect-metadata';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApiApp, listen } from '../../api/src/index.js';
import { WorkerModule } from '../../worker/src/index.js';
import { ChatModel, DEFAULT_TENANT, VectorStore } from '@baton/core';
import { RagConfigs } from '@baton/engine';
import { createLogger, DATABASE_FACTS, loadConfig, newInstanceId, runMain, type Config } from '@baton/platform';
import type { DatabaseFacts } from '@baton/storage';
import { renderBanner } from './banner.js';
import { hasDemo, LocalDemo } from './demo/local-demo.js';
import { chooseQueue } from './queue-choice.js';

/** API and worker in one process. On a terminal the log goes to a file, so that people see the banner; else to stdout, as JSON. */
await runMain(async () => {
  const startedAt = performance.now() - process.uptime() * 1_000;
  const given = loadConfig('standalone');
  mkdirSync(given.dataDir, { recursive: true, mode: 0o700 });
  const logFile = process.stdout.isTTY ? join(given.dataDir, 'baton.log') : null;
  const logger = createLogger(given, logFile === null ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 }));
  const choice = await chooseQueue(given, logger);
  const { config } = choice;
  const demo = hasDemo(config) ? new LocalDemo(logger) : null;
  const modules = [WorkerModule, ...(demo === null ? [] : [demo.module()])];
  const app = await createApiApp({ config, logger, instanceId: newInstanceId() }, modules);
  await listen(app, config);

  const stop = async (): Promise<void> => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await demo?.stop();
    await app.close();
    await choice.redis?.stop();
    process.exit(0);
  };
  const onSignal = (): void => void stop();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);

  const facts = app.get<DatabaseFacts>(DATABASE_FACTS);
  const vectors = app.get(VectorStore);
  const { active: rag } = await app.get(RagConfigs).read(DEFAULT_TENANT);
  const url = await app.getUrl();
  logger.info({ url }, 'Baton is ready');
  process.stderr.write(
    renderBanner({
      database: `${facts.name} ${facts.version}, ${describeDatabase(config.databaseUrl)}`,
      queue: choice.description,
      vectors: `${vectors.kind} (${describeVectors(config)}), embeddings ${rag.model}`,
      model: app.get(ChatModel).provider,
      url,
      logFile,
      readyMs: performance.now() - startedAt,
    }),
  );
  const orders = { queue: config.queue === 'memory' ? 'memory' : 'bullmq', redisUrl: config.redisUrl, logFile } as const;
  await demo?.start(app, orders).catch((error: unknown) => logger.error({ err: error }, 'The demo could not be started'));
});

/** The database without its credentials. */
function describeDatabase(url: string): string {
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length);
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function describeVectors({ qdrantUrl, vectorPath }: Config): string {
  return qdrantUrl === null ? vectorPath : new URL(qdrantUrl).host;
}
