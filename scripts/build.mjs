import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './node.mjs';
import { runWithProgress, say } from './progress.mjs';

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {readonly string[]} sources folders and files that it is made of
 * @property {RegExp} pattern the files of the folders that count
 * @property {readonly string[]} output
 * @property {readonly string[]} command arguments of Node
 * @property {readonly string[]} [without] folders that are no part of it
 */

/** @type {readonly Part[]} */
const PARTS = [
  {
    name: 'Building',
    sources: ['apps', 'libs', 'migrations', 'nest-cli.json', 'package-lock.json', 'tsconfig.json'],
    without: [join('apps', 'console')],
    pattern: /\.(ts|json)$/,
    output: ['apps', 'libs', 'migrations'],
    command: [join('@nestjs', 'cli', 'bin', 'nest.js'), 'build', 'standalone'],
  },
  {
    name: 'Building the console',
    sources: [join('apps', 'console'), 'package-lock.json'],
    pattern: /\.\w+$/,
    output: ['console'],
    command: [join('vite', 'bin', 'vite.js'), 'build', join('apps', 'console'), '--logLevel', 'warn'],
  },
];

/**
 * Compiles all apps and the console into `dist`, each unless it was made from these very sources.
 *
 * @param {string} root
 */
export async function ensureBuilt(root) {
  for (const part of PARTS) await ensurePart(root, part);
}

/**
 * @param {string} root
 * @param {Part} part
 */
async function ensurePart(root, part) {
  const { name, output, command } = part;
  const digest = digestSources(root, part);
  const stamp = stampOf(root, part);
  if (readText(stamp) === digest) return;
  for (const folder of output) rmSync(join(root, 'dist', folder), { recursive: true, force: true });
  const [program = '', ...args] = command;
  const node = [join(root, 'node_modules', program), ...args];
  if (!(await runWithProgress(name, findNode(root), node, { cwd: root, shell: false })))
    throw new Error('The build failed: see the messages of the compiler above.');
  writeFileSync(stamp, digest);
}

/**
 * @param {string} root
 * @param {Part} part
 */
function stampOf(root, { output }) {
  return join(root, 'dist', `.sources-${output[0]}`);
}

/**
 * @param {string} root
 * @param {Part} part
 */
function digestSources(root, part) {
  const hash = createHash('sha256');
  for (const file of part.sources.flatMap((source) => listSources(root, source, part))) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} source
 * @param {Part} part
 */
function listSources(root, source, { pattern, without = [] }) {
  if (!statSync(join(root, source)).isDirectory()) return [source];
  return readdirSync(join(root, source), { recursive: true, encoding: 'utf8' })
    .map((file) => join(source, file))
    .filter((file) => pattern.test(file) && !/\.spec\.tsx?$/.test(file))
    .filter((file) => !without.some((folder) => file.startsWith(folder + sep)) && statSync(join(root, file)).isFile())
    .toSorted();
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  for (const part of PARTS) rmSync(stampOf(root, part), { force: true });
  try {
    await ensureBuilt(root);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
