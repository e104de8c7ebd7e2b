// What no linter rule says without a list of exceptions: where the environment is read, how imports are written, and that nothing is hushed up.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { say } from './progress.mjs';

const RULES = [
  {
    pattern: /\bprocess\.env\b/,
    folders: ['apps', 'libs', 'migrations'],
    except: /^libs\/platform\/src\/config\.ts$/,
    why: 'only config.ts reads the environment',
  },
  { pattern: /\bconsole\.\w+\(/, folders: ['libs', 'migrations'], except: /\.spec\.ts$/, why: 'libs log through a Logger' },
  {
    pattern: /(eslint|oxlint|prettier)-(disable|ignore)|@ts-(ignore|expect-error|nocheck)/,
    folders: ['apps', 'libs', 'migrations', 'test'],
    why: 'mend it instead',
  },
  {
    pattern: /\b(from|import\()\s*'\.[^']*\.tsx?'/,
    folders: ['apps', 'libs', 'migrations', 'test'],
    except: /^apps\/console\//,
    why: 'imports name what the compiler writes: .js',
  },
  {
    pattern: /\b(it|test|describe)\.(skip|only|todo)\b|\bx(it|describe)\(/,
    folders: ['apps', 'libs', 'test'],
    why: 'a test runs, or is not there',
  },
];

const root = dirname(import.meta.dirname);

/** @param {string} folder */
function listFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(tsx?|mjs)$/.test(file))
    .map((file) => `${folder}/${file}`);
}

for (const { pattern, folders, except, why } of RULES) {
  for (const file of folders.flatMap(listFiles)) {
    if (except?.test(file)) continue;
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .forEach((line, index) => {
        if (!pattern.test(line)) return;
        say(`${file}:${index + 1}: ${line.trim()} (${why})`);
        process.exitCode = 1;
      });
  }
}
