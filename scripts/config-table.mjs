// `npm run config:table` writes the table of configuration into README.md, and `.env.example`; with `--check` it fails where they are stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderConfigTable, renderEnvExample } from '../libs/platform/src/config-table.ts';
import { say } from './progress.mjs';

const BETWEEN_MARKERS = /(<!-- config:start -->\n)[\s\S]*(<!-- config:end -->)/;

const root = dirname(import.meta.dirname);

const readme = join(root, 'README.md');
const readmeText = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
const table = await format(renderConfigTable(), { ...(await resolveConfig(readme)), parser: 'markdown' });
const wanted = [
  { file: readme, text: readmeText.replace(BETWEEN_MARKERS, (_, start, end) => `${start}\n${table}\n${end}`) },
  { file: join(root, '.env.example'), text: renderEnvExample() },
];

if (!BETWEEN_MARKERS.test(readmeText)) fail('README.md lacks the markers <!-- config:start --> and <!-- config:end -->.');
for (const { file, text } of wanted) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (process.argv.includes('--check')) fail(`${file} is stale: run \`npm run config:table\`.`);
  else writeFileSync(file, text);
}

/** @param {string} message */
function fail(message) {
  say(message);
  process.exitCode = 1;
}
