import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const PREFIX = 'baton-test-';
/** What the servers of some suites at once take, and more. */
const WANTED_BYTES = 4 * 1024 ** 3;

/**
 * A folder for the files of tests, removed by who asked for it. In memory where there is room: what the servers of hundreds of tests flush is
 * not worth waiting for a disk. A test that kills a process, not the machine, sees no difference.
 */
export function makeTestFolder() {
  const parent = hasRoom() ? MEMORY : tmpdir();
  removeLeftOvers(parent);
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
}

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= WANTED_BYTES;
  } catch {
    return false;
  }
}

/**
 * Folders of runs that were killed.
 *
 * @param {string} parent
 */
function removeLeftOvers(parent) {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (pid > 0 && !isAlive(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
