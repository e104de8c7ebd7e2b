// `npm run test:browser [name of a file …]`: the console in a real Chromium, against a real server. The last line counts.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { runCommand } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node.mjs';
import { endWithNpm } from './npm-parent.mjs';
import { say } from './progress.mjs';
import { BROWSER, ensurePrograms } from './servers.mjs';
import { keepLogs, makeTestFolder } from './test-folder.mjs';

/**
 * Runs the browser tests and counts. A file that does not even load counts as a failed test, and so does one that was left out.
 *
 * @param {string} root
 * @param {readonly string[]} [files]
 * @returns {Promise<import('./commands.mjs').Tally>}
 */
export async function runBrowserTests(root, files = []) {
  const dir = makeTestFolder();
  const outputFile = join(dir, 'result.json');
  const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
  const options = ['--config', join('test', 'browser', 'playwright.config.ts'), '--reporter', 'list,json'];
  const env = { TMPDIR: dir, PLAYWRIGHT_JSON_OUTPUT_FILE: outputFile };
  const code = await runCommand(root, [findNode(root), playwright, 'test', ...options, ...files], {
    env,
    // Its report goes where that of Jest goes: stdout is for the count.
    stdio: ['ignore', 2, 2],
  });
  if (code !== 0) keepLogs(dir);
  return countTests(outputFile, code === 0);
}

/**
 * @param {string} outputFile
 * @param {boolean} isFine
 */
function countTests(outputFile, isFine) {
  if (!existsSync(outputFile)) return { passed: 0, failed: 1 };
  const { stats, errors } = /** @type {PlaywrightResult} */ (JSON.parse(readFileSync(outputFile, 'utf8')));
  const failed = stats.unexpected + stats.flaky + stats.skipped + errors.length;
  return { passed: stats.expected, failed: isFine ? failed : Math.max(failed, 1) };
}

/**
 * @typedef {object} PlaywrightResult
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {readonly unknown[]} errors
 */

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  endWithNpm();
  try {
    await ensureInstalled(root);
    await ensurePrograms(BROWSER);
    await ensureBuilt(root);
    const { passed, failed } = await runBrowserTests(root, process.argv.slice(2));
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
