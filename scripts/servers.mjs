import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runWithProgress } from './progress.mjs';

/** The programs that tests run for themselves, and Debian's package of each. */
const SERVERS = [
  { program: 'redis-server', debianPackage: 'redis-server' },
  { program: 'mariadbd', debianPackage: 'mariadb-server' },
  { program: 'mariadb-install-db', debianPackage: 'mariadb-server' },
  { program: 'setpriv', debianPackage: 'util-linux' },
  { program: 'strace', debianPackage: 'strace' },
];

/** While this file forbids it, Debian's packages start no service of the system. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/** Finds the servers that the tests need; installs them on Debian and its kin when this is root; else says what is missing. */
export async function ensureServers() {
  if (findMissing().length === 0) return;
  if (process.getuid?.() === 0 && isOnPath('apt-get')) await installFromDebian(packagesOf(findMissing()));
  const missing = findMissing();
  if (missing.length === 0) return;
  throw new Error(
    `The tests start servers of their own, and ${missing.map(({ program }) => program).join(', ')} cannot be found. ` +
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

function findMissing() {
  return SERVERS.filter(({ program }) => !isOnPath(program));
}

/** @param {ReturnType<typeof findMissing>} servers */
function packagesOf(servers) {
  return [...new Set(servers.map(({ debianPackage }) => debianPackage))];
}

/** @param {string} program */
function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}
