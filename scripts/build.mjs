import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './node.mjs';
import { runWithProgress, say } from './progress.mjs';

const SOURCES = ['apps', 'libs', 'migrations'];
const SETTINGS = ['nest-cli.json', 'package-lock.json', 'tsconfig.json'];

/**
 * Compiles all apps into `dist`, unless it was made from these very sources.
 *
 * @param {string} root
 */
export async function ensureBuilt(root) {
  const digest = digestSources(root);
  const stamp = join(root, 'dist', '.sources');
  if (readText(stamp) === digest) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const built = await runWithProgress('Building', findNode(root), [nest, 'build', 'standalone'], { cwd: root, shell: false });
  if (!built) throw new Error('The build failed: see the messages of the compiler above.');
  writeFileSync(stamp, digest);
}

/** @param {string} root */
function digestSources(root) {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...SOURCES.flatMap((folder) => listSources(root, folder))]) {
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
 * @param {string} folder
 */
function listSources(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|json)$/.test(file) && !file.endsWith('.spec.ts'))
    .map((file) => join(folder, file))
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
  rmSync(join(root, 'dist', '.sources'), { force: true });
  try {
    await ensureBuilt(root);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
