// `npm run bench`: sets up what is missing, compiles the apps and test/bench into a folder that no other build touches, and measures.
// The arguments are those of test/bench/main.ts, or for one of ALONE those of its script.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { runWithProgress, say } from './progress.mjs';
import { ensureServers } from './servers.mjs';
import { makeTestFolderOnDisk } from './test-folder.mjs';

/**
 * Workloads that are measured without a yardstick, `w7` also without a server, each a script of test/bench.
 *
 * @type {Record<string, string>}
 */
const ALONE = {
  w5: 'crash.js',
  w6: 'waiting/main.js',
  w7: 'graph.js',
  w8: 'live.js',
  graph: 'graph-run.js',
  scale: 'scale.js',
  timeline: 'timeline/main.js',
  growth: 'growth/main.js',
  analytics: 'analytics/main.js',
  journal: 'journal/main.js',
  agents: 'agents/main.js',
  agents10k: 'agents/crowd.js',
};

const root = dirname(import.meta.dirname);
endWithNpm();
try {
  await ensureInstalled(root);
  await ensureServers();
  rmSync(join(root, '.bench'), { recursive: true, force: true });
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const build = [nest, 'build', '--path', 'test/bench/tsconfig.json'];
  if (!(await runWithProgress('Building', findNode(root), build, { cwd: root, shell: false })))
    throw new Error('The build failed.');
  const alone = Object.keys(ALONE).find((workload) => process.argv.includes(workload));
  const script = alone === undefined ? 'main.js' : ALONE[alone];
  const command = [findNode(root), `.bench/dist/test/bench/${script}`, ...process.argv.slice(2)];
  process.exitCode = await runCommand(root, command, { env: { TMPDIR: makeTestFolderOnDisk() } });
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
