// `npm run lock:complete`, to be run after each change of the lockfile.
//
// Packages with native code list one optional package per platform. A registry that does not serve all of them leaves the missing ones out of the lockfile,
// and `npm ci` then refuses it ("Missing … from lock file"), everywhere. This adds an entry for each; none is installed but on its own platform.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {Record<string, string>} [optionalDependencies]
 */

const SYSTEMS = ['darwin', 'win32', 'android', 'freebsd', 'openharmony', 'linux', 'sunos', 'aix', 'netbsd', 'openbsd'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'arm', 'mips64el', 'wasm32'];

const file = process.argv[2] ?? 'package-lock.json';
const lock = /** @type {{ packages: Record<string, LockedPackage> }} */ (JSON.parse(readFileSync(file, 'utf8')));

let added = 0;
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    if (isLocked(name, path)) continue;
    lock.packages[`node_modules/${name}`] = platformPackage(name, range, dev === true);
    added += 1;
  }
}
// A lockfile names no registry: each machine uses its own.
for (const locked of Object.values(lock.packages)) delete locked.resolved;

lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: ${added} entries added`);

/**
 * Whether a package is found from another as Node would look for it: in its own `node_modules`, then in those around it.
 *
 * @param {string} name
 * @param {string} from
 * @returns {boolean}
 */
function isLocked(name, from) {
  if (`${from === '' ? '' : `${from}/`}node_modules/${name}` in lock.packages) return true;
  if (from === '') return false;
  return isLocked(name, from.includes('/node_modules/') ? from.slice(0, from.lastIndexOf('/node_modules/')) : '');
}

/**
 * @param {string} name
 * @param {string} range
 * @param {boolean} dev
 * @returns {LockedPackage}
 */
function platformPackage(name, range, dev) {
  const [os = 'aix', cpu = 'x64'] = [SYSTEMS, PROCESSORS].map((words) => words.find((word) => name.includes(word)));
  return { version: range.replace(/^[\^~]/, ''), cpu: [cpu], ...(dev && { dev }), optional: true, os: [os] };
}
