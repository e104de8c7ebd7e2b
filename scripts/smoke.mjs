// `npm run smoke:<name>`: sets up what is missing, then runs test/smoke/<name>.ts over whole processes. The exit code says how it went.
import { dirname, join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureServers } from './servers.mjs';
import { say } from './progress.mjs';

/** What a smoke test starts of its own: a deployment with its servers, Baton alone, or nothing. */
const STARTS = new Map([
  ['lock', [ensureServers, ensureBuilt]],
  ['e2e', [ensureBuilt]],
  ['compose', []],
]);

const root = dirname(import.meta.dirname);
const [name = '', ...args] = process.argv.slice(2);
try {
  await ensureInstalled(root);
  for (const ensure of STARTS.get(name) ?? []) await ensure(root);
  const hooks = './test/support/typescript-hooks.ts';
  process.exitCode = await runCommand(root, ['node', '--import', hooks, join('test', 'smoke', `${name}.ts`), ...args]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
