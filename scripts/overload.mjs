// `npm run overload`: sets up what is missing, then runs test/chaos/overload/main.ts with the given arguments. The exit code says how it went.
import { dirname, join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';
import { ensureServers } from './servers.mjs';

const root = dirname(import.meta.dirname);
endWithNpm();
try {
  await ensureInstalled(root);
  await ensureServers();
  await ensureBuilt(root);
  const hooks = './test/support/typescript-hooks.ts';
  const main = join('test', 'chaos', 'overload', 'main.ts');
  process.exitCode = await runCommand(root, ['node', '--import', hooks, main, ...process.argv.slice(2)]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
