// `npm run bench`: sets up what is missing, compiles the apps and test/bench into a folder that no other build touches, and measures.
// The arguments are those of test/bench/main.ts; `--workload w7` alone is test/bench/graph.ts, `--workload graph` alone test/bench/graph-run.ts.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { runWithProgress, say } from './progress.mjs';
import { ensureServers } from './servers.mjs';

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
  // These are measured without a yardstick, `w7` also without a server.
  const asked = new Set(process.argv);
  const script = asked.has('w7') ? 'graph.js' : asked.has('graph') ? 'graph-run.js' : 'main.js';
  process.exitCode = await runCommand(root, [findNode(root), `.bench/dist/test/bench/${script}`, ...process.argv.slice(2)]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
