import type { JsonObject } from '@baton/core';
import { Chance } from '../support/in-memory/chance.js';
import { layeredGraph } from '../support/layered-graph.js';
import { expect, expectAccessible, test } from './console.js';

const COUNT = 1_000;
/** Two of its nodes wait, each for an event; on one of them all others depend, on the other none. */
const large: JsonObject = {
  name: 'large',
  nodes: [
    { id: 'alone', type: 'wait', config: { event: 'go' } },
    { id: 'hold', type: 'wait', config: { event: 'never' } },
    ...layeredGraph(COUNT - 2, new Chance(8).next).map(({ id, depends_on }) => ({
      ...{ id, type: 'transform', config: { value: 1 } },
      depends_on: depends_on.length === 0 ? ['hold'] : depends_on,
    })),
  ],
};

const ELEMENTS = `document.querySelectorAll('.react-flow *').length`;
/** Notes whose elements are touched from now on. */
const WATCH = `
  window.touched = new Set();
  new MutationObserver((changes) => {
    for (const { target } of changes) window.touched.add(target.closest('[data-node]')?.dataset.node ?? 'none');
  }).observe(document.querySelector('.react-flow__nodes'), { subtree: true, childList: true, attributes: true, characterData: true });`;

test('of a graph of a thousand nodes the page holds only what can be read', async ({ openConsole, baton }) => {
  const id = await baton.startRun(large);
  const page = await openConsole(`/runs/${id}`);
  await expect(page.locator('canvas[data-drawn]')).toBeVisible();
  expect(await page.evaluate<number>(ELEMENTS)).toBeLessThan(100);
  await expectAccessible(page);

  const box = (await page.locator('.react-flow').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let turn = 0; turn < 6; turn += 1) await page.mouse.wheel(0, -300);
  await expect(page.locator('[data-far]')).toHaveCount(0);
  await page.getByRole('group', { name: `Graph of ${COUNT} nodes` }).press('ArrowRight');
  const alone = page.locator('[data-node="alone"]');
  await expect(alone).toHaveAttribute('data-selected');
  await expect(page.getByRole('complementary', { name: 'Node alone' })).toBeVisible();
  expect(await page.locator('[data-node]').count()).toBeLessThan(COUNT / 4);

  await page.evaluate(WATCH);
  await baton.call('POST', `/api/v1/runs/${id}/events`, { name: 'go' });
  await expect(alone).toHaveAttribute('data-status', 'completed');
  expect(await page.evaluate<string[]>('[...window.touched]')).toEqual(['alone']);
});
