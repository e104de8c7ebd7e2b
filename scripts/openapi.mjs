// `npm run openapi` writes openapi.json, the description of the API, and the types that the console takes from it; with `--check` it fails
// where one is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { createLogger, loadConfig, newInstanceId } from '@baton/platform';
import { createApiApp, describeApi } from '../apps/api/src/index.ts';
import { renderConsoleSchema } from './console-schema.mjs';
import { say } from './progress.mjs';

const root = dirname(import.meta.dirname);

const config = loadConfig('standalone', {
  DATABASE_URL: 'sqlite::memory:',
  VECTOR_PATH: ':memory:',
  QUEUE: 'memory',
  LOG_LEVEL: 'silent',
});
const app = await createApiApp({ config, logger: createLogger(config), instanceId: newInstanceId() });
const text = JSON.stringify(describeApi(app), null, 2);
await app.close();

const document = /** @type {import('./console-schema.mjs').ApiDocument} */ (JSON.parse(text));
await keep('openapi.json', text, 'json');
await keep('apps/console/src/api/schema.d.ts', await renderConsoleSchema(document), 'typescript');

/**
 * @param {string} name
 * @param {string} made
 * @param {string} parser
 */
async function keep(name, made, parser) {
  const file = join(root, name);
  const wanted = await format(made, { ...(await resolveConfig(file)), parser });
  const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== wanted;
  if (!isStale) say(`${name} describes the API as it is.`);
  else if (process.argv.includes('--check')) {
    say(`${name} is stale: run \`npm run openapi\`, and look at what has changed for callers.`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, wanted);
    say(`${name} is written.`);
  }
}
