// Every link in a page of ours leads somewhere, and every route of the API stands in a guide.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { say } from './progress.mjs';

const root = dirname(import.meta.dirname);
const guides = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file));
const pages = new Map(
  [...readdirSync(root), ...guides]
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file, readFileSync(join(root, file), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')]),
);

for (const [page, text] of pages) {
  for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^[a-z]+:/.test(link) && !leadsSomewhere(page, link)) fail(`${page}: nothing is at ${link}`);
  }
}

const routes = /** @type {{ paths: Record<string, object> }} */ (JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')));
const all = [...pages.values()].join('\n');
for (const [path, operations] of Object.entries(routes.paths)) {
  for (const method of Object.keys(operations)) {
    const names = [path, path.replace('/api/v1/', '/api/')].map((name) => `${method.toUpperCase()} ${name}\``);
    if (!names.some((name) => all.includes(name))) fail(`no guide tells of \`${names[0]}`);
  }
}

/**
 * @param {string} page
 * @param {string} link
 */
function leadsSomewhere(page, link) {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(pages.get(target) ?? '').has(anchor);
}

/**
 * The anchors of a page's headings, as code hosts make them.
 *
 * @param {string} text
 */
function anchorsOf(text) {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return new Set(headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
}

/** @param {string} message */
function fail(message) {
  say(message);
  process.exitCode = 1;
}
