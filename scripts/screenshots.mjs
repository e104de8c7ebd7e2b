// `npm run screenshots [name of a picture …]`: pictures of every page of the console, in light and dark, into docs/console.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from '@playwright/test';
import { Baton } from '../test/browser/baton.ts';
import config from '../test/browser/playwright.config.ts';
import { ensureBuilt } from './build.mjs';
import { say } from './progress.mjs';
import { fillConsole } from './screenshot-data.mjs';
import { makeTestFolder } from './test-folder.mjs';

const root = dirname(import.meta.dirname);
const folder = join(root, 'docs', 'console');
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const wanted = process.argv.slice(2);
process.env.TMPDIR = makeTestFolder();
await ensureBuilt(root);
mkdirSync(folder, { recursive: true });
const prices = JSON.stringify({ 'local/*': { input: 0.25, output: 2 } });
const baton = await Baton.start({ DEMO: 'true', MODEL_PRICES: prices, HTTP_ALLOW: '127.0.0.1:9' });
const browser = await chromium.launch(config.use?.launchOptions);
try {
  const pictures = [...list(await fillConsole(baton))].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  await Promise.all([takeAll('light', pictures), takeAll('dark', pictures)]);
} finally {
  await browser.close();
  await baton.stop();
}

/**
 * @typedef {object} Picture
 * @property {string} name
 * @property {string} path
 * @property {{ width: number, height: number }} [size]
 * @property {string} [ready] what must be there besides the heading
 */

/**
 * @param {Record<'digest' | 'failed' | 'broken' | 'task' | 'first' | 'running', string>} ids
 * @returns {Generator<Picture>}
 */
function* list({ digest, failed, broken, task, first, running }) {
  const node = '[data-node]';
  yield { name: 'home', path: '/' };
  yield { name: 'tasks', path: '/tasks' };
  yield { name: 'task', path: `/tasks/${task}` };
  yield { name: 'ask', path: `/ask?task=${task}` };
  yield { name: 'runs', path: '/runs' };
  yield { name: 'run', path: `/runs/${running}?node=reconcile-cards`, ready: node };
  yield { name: 'run-asks', path: `/runs/${first}`, ready: node };
  yield { name: 'run-failed', path: `/runs/${broken}?node=total`, ready: node };
  yield { name: 'run-timeline', path: `/runs/${digest}?tab=timeline` };
  yield { name: 'run-logs', path: `/runs/${failed}?tab=logs`, ready: '[data-level]' };
  yield { name: 'run-journal', path: `/runs/${digest}?tab=journal` };
  yield { name: 'approvals', path: '/approvals' };
  yield { name: 'workflows', path: '/workflows' };
  yield { name: 'workflow-new', path: '/workflows/new', ready: '.cm-content' };
  yield { name: 'workflow', path: '/workflows/invoice-intake', ready: node };
  yield { name: 'workflow-versions', path: '/workflows/invoice-intake?tab=versions' };
  yield { name: 'workflow-edit', path: '/workflows/weekly-digest/edit', ready: node };
  yield { name: 'workers', path: '/workers' };
  yield { name: 'dead-letters', path: '/dead-letters' };
  yield { name: 'documents', path: '/documents' };
  yield { name: 'search', path: '/search?q=lease%20of%20a%20worker' };
  yield { name: 'analytics', path: '/analytics', ready: 'canvas' };
  yield { name: 'settings', path: '/settings' };
  yield { name: 'phone-home', path: '/', size: PHONE };
  yield { name: 'phone-runs', path: '/runs', size: PHONE };
  yield { name: 'phone-run', path: `/runs/${first}`, size: PHONE, ready: node };
}

/**
 * @param {'light' | 'dark'} scheme
 * @param {readonly Picture[]} pictures
 */
async function takeAll(scheme, pictures) {
  for (const { name, path, size = DESK, ready } of pictures) await take(`${name}-${scheme}`, { path, size, scheme, ready });
}

/**
 * @param {string} name
 * @param {{ path: string, size: { width: number, height: number }, scheme: 'light' | 'dark', ready?: string | undefined }} view
 */
async function take(name, { path, size, scheme, ready }) {
  const context = await browser.newContext({
    ...{ viewport: size, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(baton.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (ready !== undefined) await page.locator(ready).first().waitFor();
  const picture = await stillPicture(page);
  writeFileSync(join(folder, `${name}.webp`), picture);
  say(`${name}: ${Math.round(picture.length / 1024)} kB`);
  await context.close();
}

/**
 * The page as soon as nothing on it moves, or as it is after a few seconds: ages count on.
 *
 * @param {import('@playwright/test').Page} page
 */
async function stillPicture(page) {
  await page.locator('.mantine-Skeleton-root, .mantine-Loader-root').first().waitFor({ state: 'detached' });
  const devtools = await page.context().newCDPSession(page);
  let last = '';
  for (let tries = 0; tries < 5; tries += 1) {
    await page.waitForTimeout(300);
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
    if (data === last) break;
    last = data;
  }
  return Buffer.from(last, 'base64');
}
