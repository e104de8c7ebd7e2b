// `npm run mock:openai [-- --port 1573 --fail-every n]`: a server with the API of OpenAI that needs no model and no key.
import { dirname, join } from 'node:path';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';

const root = dirname(import.meta.dirname);
endWithNpm();
try {
  await ensureInstalled(root);
  const hooks = './test/support/typescript-hooks.ts';
  const main = join('test', 'support', 'openai-mock', 'main.ts');
  process.exitCode = await runCommand(root, ['node', '--import', hooks, main, ...process.argv.slice(2)]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
