import { loadavg } from 'node:os';
import type { JsonObject } from '@baton/core';
import { chromium, type Page } from '@playwright/test';
import { Baton } from '../../browser/baton.js';
import { Chance } from '../../support/in-memory/chance.js';
import { layeredGraph } from '../../support/layered-graph.js';

/** `npm run bench:console -- 1000`: how fast a large graph stands, and how long the frames are while it is moved. */
const COUNT = Number(process.argv[2] ?? 1_000);
const MOVES = 90;

const RECORD = `
  window.frames_ = [];
  window.recording_ = true;
  let last;
  const note = (at) => {
    if (last !== undefined) window.frames_.push(at - last);
    last = at;
    if (window.recording_) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);`;

/** What lies between the frames of the page while something is done to it, in milliseconds, sorted. */
async function framesOf(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(RECORD);
  await act();
  const frames = await page.evaluate<number[]>('(window.recording_ = false, window.frames_)');
  return frames.toSorted((a, b) => a - b);
}

async function pan(page: Page, { x, y }: { x: number; y: number }): Promise<void> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let move = 0; move < MOVES; move += 1) await page.mouse.move(x - 250 * Math.sin(move / 9), y - 150 * Math.sin(move / 7));
  await page.mouse.up();
}

async function zoom(page: Page, { x, y }: { x: number; y: number }, from = -1): Promise<void> {
  await page.mouse.move(x, y);
  for (let move = 0; move < MOVES; move += 1) await page.mouse.wheel(0, from * 40 * Math.cos((Math.PI * move) / MOVES));
}

function say(what: string, frames: readonly number[]): void {
  const at = (share: number): string => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))]!.toFixed(0);
  process.stdout.write(`${what}: ${frames.length} frames, median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms\n`);
}

const nodes = layeredGraph(COUNT, new Chance(COUNT).next).map((node): JsonObject => ({
  ...node,
  type: 'transform',
  config: { value: 1 },
}));
const baton = await Baton.start();
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
});
try {
  await baton.call('POST', '/api/v1/workflows', { name: 'large', nodes });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(baton.url);
  process.stdout.write(`${COUNT} nodes; load ${loadavg()[0]!.toFixed(1)}\n`);
  const startedAt = performance.now();
  await page.goto(`${baton.url}/workflows/large`);
  await page.locator('.react-flow__node, [data-drawn]').first().waitFor({ state: 'attached' });
  process.stdout.write(`first drawn after ${(performance.now() - startedAt).toFixed(0)} ms\n`);
  const elements = await page.evaluate<number>(`document.querySelectorAll('.react-flow *').length`);
  process.stdout.write(`elements of the whole graph: ${elements}\n`);
  const box = (await page.locator('.react-flow').boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  say('pan, all in view', await framesOf(page, () => pan(page, middle)));
  say('zoom in and out', await framesOf(page, () => zoom(page, middle)));
  await page.getByRole('button', { name: 'Fit View' }).click();
  await page.mouse.move(middle.x, middle.y);
  for (let n = 0; n < 16; n += 1) await page.mouse.wheel(0, -120);
  say('pan, near', await framesOf(page, () => pan(page, middle)));
  if (process.argv[3] !== undefined) await page.screenshot({ path: process.argv[3] });
} finally {
  await browser.close();
  await baton.stop();
}
