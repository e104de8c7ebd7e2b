// `npm run chaos`, `soak`, `sim` and the like: sets up what is missing, then runs a program of test/ with the given arguments. The exit code says
// how it went.
import { dirname } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { runCommand } from './commands.mjs';
import { ensureDebianDocs } from './debian-docs.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';
import { BROWSER, ensurePrograms, ensureServers } from './servers.mjs';
import { keepLogs, makeTestFolderOnDisk } from './test-folder.mjs';

const ensureBrowser = () => ensurePrograms(BROWSER);

/**
 * The file, and what it starts of its own: a deployment with its servers, Baton alone, or nothing.
 *
 * @type {Map<string, readonly [string, ...((root: string) => Promise<unknown>)[]]>}
 */
const PROGRAMS = new Map([
  ['bench-console', ['bench/console/graph-frames.ts', ensureBrowser, ensureBuilt]],
  ['bench-ingest', ['bench/ingest/main.ts', ensureServers, ensureDebianDocs, ensureBuilt]],
  ['bench-load', ['bench/load/main.ts', ensureServers]],
  ['bench-sockets', ['bench/sockets/main.ts']],
  ['chaos', ['chaos/main.ts', ensureServers, ensureBuilt]],
  ['compose-smoke', ['smoke/compose.ts']],
  ['demo-wipe', ['demo/wipe.ts', ensureServers, ensureBuilt]],
  ['mock-openai', ['support/openai-mock/main.ts']],
  ['overload', ['chaos/overload/main.ts', ensureServers, ensureBuilt]],
  ['sim', ['sim/main.ts']],
  ['smoke-e2e', ['smoke/e2e.ts', ensureBuilt]],
  ['smoke-lock', ['smoke/lock.ts', ensureServers, ensureBuilt]],
  ['soak', ['soak/main.ts', ensureServers, ensureBuilt]],
]);

const root = dirname(import.meta.dirname);
const [name = '', ...args] = process.argv.slice(2);
endWithNpm();
try {
  const program = PROGRAMS.get(name);
  if (program === undefined) throw new Error(`There is no program ${name}; choose one of ${[...PROGRAMS.keys()].join(', ')}.`);
  const [file, ...ensures] = program;
  await ensureInstalled(root);
  for (const ensure of ensures) await ensure(root);
  const command = [findNode(root), '--import', './test/support/typescript-hooks.ts', `test/${file}`, ...args];
  const folder = makeTestFolderOnDisk();
  process.exitCode = await runCommand(root, command, { env: { TMPDIR: folder } });
  if (process.exitCode !== 0) keepLogs(folder);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
