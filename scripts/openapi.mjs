// `npm run openapi` writes openapi.json, the description of the API; with `--check` it fails where that is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { createLogger, loadConfig, newInstanceId } from '@baton/platform';
import { createApiApp, describeApi } from '../apps/api/src/index.ts';
import { say } from './progress.mjs';

const root = dirname(import.meta.dirname);
const file = join(root, 'openapi.json');

const config = loadConfig('standalone', {
  DATABASE_URL: 'sqlite::memory:',
  VECTOR_PATH: ':memory:',
  QUEUE: 'memory',
  LOG_LEVEL: 'silent',
});
const app = await createApiApp({ config, logger: createLogger(config), instanceId: newInstanceId() });
const text = JSON.stringify(describeApi(app), null, 2);
await app.close();

const wanted = await format(text, { ...(await resolveConfig(file)), parser: 'json' });
const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== wanted;
if (!isStale) say('openapi.json describes the API as it is.');
else if (process.argv.includes('--check')) {
  say('openapi.json is stale: run `npm run openapi`, and look at what has changed for callers.');
  process.exitCode = 1;
} else {
  writeFileSync(file, wanted);
  say('openapi.json is written.');
}
