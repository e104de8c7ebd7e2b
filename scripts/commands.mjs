import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { findNode } from './node.mjs';
import { say } from './progress.mjs';
import { makeTestFolder } from './test-folder.mjs';

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 */

/** How long Jest may take to end after its last test. */
const MAX_LINGER_MS = 10_000;

/** Suites side by side: each has servers of its own, and waits for more than it works. */
const MAX_WORKERS = Math.min(4, availableParallelism());

const canBind = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;

/**
 * Runs a command of the project, with the project's Node and programs first on the PATH. It ends with this process, also when that is
 * killed (where `setpriv` is there: Linux).
 *
 * @param {string} root
 * @param {readonly string[]} command
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code
 */
export async function runCommand(root, command, options = {}) {
  const [program = '', ...args] = canBind ? ['setpriv', '--pdeathsig', 'TERM', ...command] : command;
  // Servers of Debian live in /usr/sbin, which is not on everybody's PATH.
  const PATH = [join(root, 'node_modules', '.bin'), process.env.PATH, '/usr/sbin'].join(delimiter);
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options, env: { ...process.env, ...options.env, PATH } });
  const stop = () => child.kill('SIGTERM');
  process.on('SIGTERM', stop).on('SIGINT', stop);
  try {
    await once(child, 'exit');
    return child.exitCode ?? 1;
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop);
  }
}

/**
 * The names of the scripts in package.json.
 *
 * @param {string} root
 */
export function listScripts(root) {
  const manifest = /** @type {{ scripts: Record<string, string> }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  return Object.keys(manifest.scripts);
}

/**
 * Runs Jest on some of its projects and counts. A file that does not even load counts as a failed test, and so does a test that leaves
 * something open which keeps Jest from ending.
 *
 * @param {string} root
 * @param {readonly string[]} projects
 * @param {{ alone?: boolean }} [how] one suite after the other
 * @returns {Promise<Tally>}
 */
export async function runJest(root, projects, { alone = false } = {}) {
  const outputFile = join(makeTestFolder(), 'result.json');
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const workers = alone ? ['--runInBand'] : ['--maxWorkers', String(MAX_WORKERS)];
  const options = ['--passWithNoTests', '--json', '--outputFile', outputFile, ...workers];
  const node = [findNode(root), '--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  // Jest's own workers have to end with it as well.
  const preload = new URL('end-with-parent.mjs', import.meta.url).href;
  const env = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${preload}` };
  const watch = watchForHang(outputFile);
  try {
    const code = await runCommand(root, [...node, jest, ...options, '--selectProjects', ...projects], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      signal: watch.signal,
    });
    return countTests(outputFile, code === 0);
  } catch {
    say(`Jest did not end ${MAX_LINGER_MS / 1_000} s after its last test: a test has left something open.`);
    return countTests(outputFile, false);
  } finally {
    watch.stop();
  }
}

/**
 * Aborts a Jest that has written its results and does not end.
 *
 * @param {string} outputFile
 */
function watchForHang(outputFile) {
  const hung = new AbortController();
  let doneAt = Number.POSITIVE_INFINITY;
  const timer = setInterval(() => {
    if (existsSync(outputFile)) doneAt = Math.min(doneAt, Date.now());
    if (Date.now() - doneAt > MAX_LINGER_MS) hung.abort();
  }, 500);
  return { signal: hung.signal, stop: () => clearInterval(timer) };
}

/**
 * @param {string} outputFile
 * @param {boolean} isFine
 * @returns {Tally}
 */
function countTests(outputFile, isFine) {
  if (!existsSync(outputFile)) return { passed: 0, failed: 1 };
  const result = /** @type {JestResult} */ (JSON.parse(readFileSync(outputFile, 'utf8')));
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: isFine ? failed : Math.max(failed, 1) };
}

/**
 * @typedef {object} JestResult
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numRuntimeErrorTestSuites
 */
