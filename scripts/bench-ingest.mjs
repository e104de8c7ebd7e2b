// `npm run bench:ingest [-- <rounds>]`: sets up what is missing, Debian's documentation included, and measures a durable ingest of it.
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { say } from './progress.mjs';
import { ensureServers, installFromDebian } from './servers.mjs';

/** As test/bench/ingest/corpus.ts reads them. */
const DOC_PACKAGES = [
  ...['debian-policy', 'debian-reference-en', 'developers-reference', 'maint-guide', 'debian-faq', 'debian-kernel-handbook'],
  ...['packaging-tutorial', 'harden-doc', 'debian-handbook'],
];

/** @param {string} name */
function isInstalled(name) {
  try {
    execFileSync('dpkg-query', ['--listfiles', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const root = dirname(import.meta.dirname);
try {
  await ensureInstalled(root);
  await ensureServers();
  const missing = DOC_PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length > 0 && process.getuid?.() !== 0) throw new Error(`First: sudo apt-get install ${missing.join(' ')}`);
  if (missing.length > 0) await installFromDebian(missing);
  await ensureBuilt(root);
  const hooks = './test/support/typescript-hooks.ts';
  process.exitCode = await runCommand(root, ['node', '--import', hooks, 'test/bench/ingest/main.ts', ...process.argv.slice(2)]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
