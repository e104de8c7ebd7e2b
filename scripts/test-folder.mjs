import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { say } from './progress.mjs';

const MEMORY = '/dev/shm';
/** What the servers of some suites at once take, and more. */
const WANTED_BYTES = 4 * 1024 ** 3;

/** What a killed process has started writes on until it has ended, too. */
const REMOVE = 'cat; for wait in 0 1 2 4; do sleep $wait; rm -rf "$0"; done';

/**
 * A folder for the files of tests, removed after the end of this process, however it ends. In memory where there is room: what the servers of
 * hundreds of tests flush is not worth waiting for a disk. A test that kills a process, not the machine, sees no difference.
 */
export function makeTestFolder() {
  return makeFolder(hasRoom() ? MEMORY : tmpdir());
}

/** The same where it is waited for the disk, as whoever runs Baton does. */
export function makeTestFolderOnDisk() {
  return makeFolder(tmpdir());
}

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= WANTED_BYTES;
  } catch {
    return false;
  }
}

/** @param {string} parent */
function makeFolder(parent) {
  const folder = mkdtempSync(join(parent, 'baton-test-'));
  // The system closes the input of this shell even when this process is killed.
  const remover = spawn('sh', ['-c', REMOVE, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  remover.unref();
  return folder;
}

/**
 * Copies what Baton's processes have logged out of the folder of tests that failed.
 *
 * @param {string} folder
 */
export function keepLogs(folder) {
  const logs = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'log.jsonl')));
  if (logs.length === 0) return;
  const kept = join('test-results', 'logs', basename(folder));
  mkdirSync(kept, { recursive: true });
  for (const name of logs) copyFileSync(join(folder, name, 'log.jsonl'), join(kept, `${name}.jsonl`));
  say(`What Baton's processes have logged is in ${kept}.`);
}
