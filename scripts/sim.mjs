// `npm run sim`: sets up what is missing, then plays seeds of the simulation. The arguments are those of test/sim/options.ts.
import { dirname } from 'node:path';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';

const root = dirname(import.meta.dirname);
endWithNpm();
try {
  await ensureInstalled(root);
  const node = [findNode(root), '--import', './test/support/typescript-hooks.ts'];
  process.exitCode = await runCommand(root, [...node, 'test/sim/main.ts', ...process.argv.slice(2)]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
