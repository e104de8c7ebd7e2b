import { listScripts, runCommand } from './commands.mjs';
import { say } from './progress.mjs';

/** What the sources must satisfy before any test runs, cheapest first. */
const CHECKS = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'house rules', command: ['node', 'scripts/house-rules.mjs'] },
  { name: 'import arrows', command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs', 'migrations', 'test'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of the console', command: ['tsc', '--project', 'apps/console'] },
  { name: 'types of scripts', command: ['tsc', '--noEmit', '--project', 'scripts'] },
  { name: 'dead code', command: ['knip'] },
  { name: 'configuration table', command: ['npm', 'run', '--silent', 'config:table', '--', '--check'] },
  { name: 'docs', command: ['node', 'scripts/check-docs.mjs'] },
  { name: 'openapi.json', command: ['npm', 'run', '--silent', 'openapi:check'], script: 'openapi:check' },
];

/**
 * Runs all checks, also after one that failed.
 *
 * @param {string} root
 * @returns {Promise<import('./commands.mjs').Tally>}
 */
export async function runChecks(root) {
  const scripts = listScripts(root);
  const tally = { passed: 0, failed: 0 };
  for (const { name, command, script } of CHECKS) {
    if (script !== undefined && !scripts.includes(script)) continue;
    const startedAt = Date.now();
    const isFine = (await runCommand(root, command)) === 0;
    tally[isFine ? 'passed' : 'failed'] += 1;
    say(`${isFine ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
  }
  return tally;
}
