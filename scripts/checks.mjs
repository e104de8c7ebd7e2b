import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listScripts, runCommand } from './commands.mjs';
import { say } from './progress.mjs';
import { makeTestFolder } from './test-folder.mjs';

const LANES = 2;

/** What the sources must satisfy before any test runs, cheapest first. */
const CHECKS = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'house rules', command: ['node', 'scripts/house-rules.mjs'] },
  { name: 'import arrows', command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs', 'migrations', 'test'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--project', 'scripts'] },
  { name: 'types of the console', command: ['tsc', '--project', 'apps/console'] },
  { name: 'dead code', command: ['knip'] },
  { name: 'configuration table', command: ['npm', 'run', '--silent', 'config:table', '--', '--check'] },
  { name: 'docs', command: ['node', 'scripts/check-docs.mjs'] },
  { name: 'openapi.json', command: ['npm', 'run', '--silent', 'openapi:check'], script: 'openapi:check' },
];

/**
 * Runs all checks, two side by side, also after one that failed. What a check has printed is shown when it has ended, above its verdict.
 *
 * @param {string} root
 * @returns {Promise<import('./commands.mjs').Tally>}
 */
export async function runChecks(root) {
  const scripts = listScripts(root);
  const waiting = CHECKS.filter(({ script }) => script === undefined || scripts.includes(script));
  const tally = { passed: 0, failed: 0 };
  const dir = makeTestFolder();
  const runLane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      tally[(await runCheck(root, check, dir)) ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, runLane));
  return tally;
}

/**
 * @param {string} root
 * @param {typeof CHECKS[number]} check
 * @param {string} dir
 */
async function runCheck(root, { name, command }, dir) {
  const startedAt = Date.now();
  const output = join(dir, name);
  const file = openSync(output, 'w');
  const code = await runCommand(root, command, { stdio: ['ignore', file, file] });
  closeSync(file);
  process.stderr.write(readFileSync(output));
  say(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
  return code === 0;
}
