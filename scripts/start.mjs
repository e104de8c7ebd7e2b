// `npm start`: installs, builds, and runs an app of Baton. Runs on whatever Node started it (20 or newer), so plain JavaScript and no packages.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';

const APPS = ['standalone', 'api', 'worker'];
const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

const root = dirname(import.meta.dirname);
const app = process.argv[2] ?? 'standalone';

endWithNpm();
try {
  if (!APPS.includes(app)) throw new Error(`There is no app ${app}; choose one of ${APPS.join(', ')}.`);
  await ensureInstalled(root);
  await ensureBuilt(root);
  run(findNode(root), join(root, 'dist', 'apps', app, 'src', 'main.js'));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/**
 * Runs the app until it ends, and ends as it did. Signals are passed on; should this process be killed, the app notices.
 *
 * @param {string} node
 * @param {string} main
 */
function run(node, main) {
  const preload = new URL('end-with-parent.mjs', import.meta.url).href;
  // Who types this wants to see something; what is deployed starts the app itself.
  const env = { DEMO: 'true', ...process.env };
  const child = spawn(node, ['--enable-source-maps', '--import', preload, main], { cwd: root, stdio: 'inherit', env });
  for (const signal of FORWARDED) {
    // A terminal sends Ctrl-C to the app too: twice would mean "at once".
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('error', (error) => say(`Node cannot be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGTERM'];
    for (const forwarded of FORWARDED) process.removeAllListeners(forwarded);
  });
}
