import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWithProgress } from './progress.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 */

/**
 * Installs the packages unless `node_modules` already holds what the lockfile asks for.
 *
 * @param {string} root
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  const options = ['--include=dev', '--include=optional'];
  if (await runWithProgress('Installing packages (npm ci)', 'npm', ['ci', ...options], { cwd: root })) return;
  // A registry that lacks a package of another platform makes `npm ci` refuse the lockfile; `npm install` shrugs.
  if (await runWithProgress('Installing packages (npm install)', 'npm', ['install', '--no-save', ...options], { cwd: root }))
    return;
  throw new Error('The packages could not be installed: see the messages of npm above.');
}

/**
 * Compares content, not times: a checkout gives files any time it likes.
 *
 * @param {string} root
 */
function isInstalled(root) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(installedFile);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage>}
 */
function readPackages(file) {
  return /** @type {{ packages: Record<string, LockedPackage> }} */ (JSON.parse(readFileSync(file, 'utf8'))).packages;
}
