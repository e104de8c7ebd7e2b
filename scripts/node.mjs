import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Jest can load Nest's ES modules only from here on. */
const REQUIRED = [24, 9];

/**
 * The Node that Baton runs on: this one if it is new enough, else the one that the lockfile brings along for Linux.
 *
 * @param {string} root
 * @returns {string}
 */
export function findNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const packaged = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(packaged) && isNewEnough(versionOf(packaged))) return packaged;
  throw new Error(
    `Baton needs Node ${REQUIRED.join('.')} or newer. This is ${process.version}, and for ${process.platform}-${process.arch} no Node comes ` +
      'with the packages: install Node 24 from https://nodejs.org, and try again.',
  );
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [requiredMajor = 0, requiredMinor = 0] = REQUIRED;
  return major > requiredMajor || (major === requiredMajor && minor >= requiredMinor);
}

/** @param {string} node */
function versionOf(node) {
  try {
    return execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '0';
  }
}
