import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a command, saying on stderr what is done and how long it took; its own output goes there too.
 *
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function runWithProgress(what, command, args, options = {}) {
  const startedAt = Date.now();
  const elapsed = () => `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
  say(`${what} …`);
  const ticker = setInterval(() => say(`${what} … ${elapsed()}`), 10_000);
  const stop = () => {
    child.kill('SIGTERM');
    // After those that run beside it have been told as well.
    setImmediate(() => process.exit(143));
  };
  process.once('SIGTERM', stop);
  const child = spawn(command, [...args], { stdio: ['ignore', 2, 2], shell: process.platform === 'win32', ...options });
  try {
    await once(child, 'exit');
    const isFine = child.exitCode === 0;
    say(isFine ? `${what}: done in ${elapsed()}` : `${what}: failed after ${elapsed()}`);
    return isFine;
  } finally {
    clearInterval(ticker);
    process.off('SIGTERM', stop);
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`baton: ${line}\n`);
}
