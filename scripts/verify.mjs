// `npm run verify`: format, house rules, arrows, lint, types, dead code, generated files, unit tests.
import { dirname } from 'node:path';
import { runChecks } from './checks.mjs';
import { runJest } from './commands.mjs';

const root = dirname(import.meta.dirname);
const tallies = [await runChecks(root), await runJest(root, ['unit'])];
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
