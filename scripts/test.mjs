// `npm test`: sets up what is missing, then runs every suite. `--with-checks` adds the checks of `npm run verify`. The last line says how it went.
import { dirname } from 'node:path';
import { runBrowserTests } from './browser.mjs';
import { ensureBuilt } from './build.mjs';
import { runChecks } from './checks.mjs';
import { listScripts, runCommand, runJest } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';
import { BROWSER, ensurePrograms, SERVERS } from './servers.mjs';

const root = dirname(import.meta.dirname);
const total = { passed: 0, failed: 0 };

/** @param {import('./commands.mjs').Tally} tally */
function add(tally) {
  total.passed += tally.passed;
  total.failed += tally.failed;
}

/** Proofs that run whole processes of their own; each passes or fails as one. */
async function runSmoke() {
  // No server that runs already, no model that somebody pays for.
  const env = { BATON_URL: '', OPENAI_API_KEY: '' };
  for (const script of listScripts(root).filter((name) => name.startsWith('smoke:'))) {
    const isFine = (await runCommand(root, ['npm', 'run', '--silent', script], { env })) === 0;
    say(`${isFine ? 'ok  ' : 'FAIL'} ${script}`);
    add(isFine ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  }
}

/** @param {() => Promise<void>} step */
async function runStep(step) {
  try {
    await step();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    total.failed += 1;
  }
}

endWithNpm();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true));

/** One after the other; what stands in one stage, side by side. */
const stages = [
  [() => ensureInstalled(root), () => ensurePrograms([...SERVERS, ...BROWSER])],
  ...(process.argv.includes('--with-checks') ? [[async () => add(await runChecks(root))]] : []),
  [async () => add(await runJest(root, ['unit', 'sim'])), () => ensureBuilt(root)],
  [async () => add(await runJest(root, ['conformance', 'integration', 'e2e']))],
  [async () => add(await runBrowserTests(root))],
  [async () => add(await runJest(root, ['clock'], { alone: true }))],
  [runSmoke],
];
for (const stage of stages) {
  if (interrupted) break;
  await Promise.all(stage.map(runStep));
}
if (interrupted) total.failed += 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
