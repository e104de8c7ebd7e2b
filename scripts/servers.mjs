import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runWithProgress } from './progress.mjs';

/**
 * A program that tests run for themselves.
 *
 * @typedef {{ program: string, debianPackage: string }} Program
 */

/** @type {readonly Program[]} */
export const SERVERS = [
  { program: 'redis-server', debianPackage: 'redis-server' },
  { program: 'mariadbd', debianPackage: 'mariadb-server' },
  { program: 'mariadb-install-db', debianPackage: 'mariadb-server' },
  { program: 'setpriv', debianPackage: 'util-linux' },
  { program: 'strace', debianPackage: 'strace' },
];

/** What browser tests need: their server needs no other. @type {readonly Program[]} */
export const BROWSER = [
  { program: 'setpriv', debianPackage: 'util-linux' },
  { program: 'chromium', debianPackage: 'chromium' },
];

/** While this file forbids it, Debian's packages start no service of the system. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/** Finds the servers that the tests need; see {@link ensurePrograms}. */
export function ensureServers() {
  return ensurePrograms(SERVERS);
}

/**
 * Finds programs; installs them on Debian and its kin when this is root; else says what is missing.
 *
 * @param {readonly Program[]} programs
 */
export async function ensurePrograms(programs) {
  if (findMissing(programs).length === 0) return;
  if (process.getuid?.() === 0 && isOnPath('apt-get')) await installFromDebian(packagesOf(findMissing(programs)));
  const missing = findMissing(programs);
  if (missing.length === 0) return;
  throw new Error(
    `The tests run servers and a browser of their own, and ${missing.map(({ program }) => program).join(', ')} cannot be found. ` +
      `On Debian or Ubuntu: sudo apt-get install ${packagesOf(missing).join(' ')}`,
  );
}

/**
 * Installs packages of Debian without starting their services. Needs root.
 *
 * @param {readonly string[]} packages
 */
export async function installFromDebian(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const forbids = !existsSync(SERVICE_POLICY);
  if (forbids) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await runWithProgress('Reading package lists (apt-get update)', 'apt-get', ['update', '-qq'], { env });
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    await runWithProgress(`Installing ${packages.join(', ')} (apt-get install)`, 'apt-get', install, { env });
  } finally {
    if (forbids) rmSync(SERVICE_POLICY);
  }
}

/** @param {readonly Program[]} programs */
function findMissing(programs) {
  return programs.filter(({ program }) => !isOnPath(program));
}

/** @param {readonly Program[]} programs */
function packagesOf(programs) {
  return [...new Set(programs.map(({ debianPackage }) => debianPackage))];
}

/** @param {string} program */
function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}
