import type { JsonObject } from '@baton/core';
import { expect, expectAccessible, expectNoSidewaysScroll, expectReadableInTheDark, test, type Page } from './console.js';

const refused = (id: string, change: JsonObject): JsonObject => ({
  id,
  type: 'http',
  config: { url: 'http://127.0.0.1:9/' },
  ...change,
});
const speaking: JsonObject = {
  name: 'speaks',
  nodes: [
    refused('call', { on_error: 'continue' }),
    { id: 'search', type: 'retrieve', config: { query: 'locks' } },
    { id: 'hold', type: 'wait', depends_on: ['search'], config: { event: 'go' } },
    refused('last', { depends_on: ['hold'] }),
  ],
};

const lines = (page: Page) => page.locator('[data-level]');

test('what nodes log is read, narrowed and followed while the run goes on', async ({ openConsole, baton, complaints }) => {
  const id = await baton.startRun(speaking);
  const page = await openConsole(`/runs/${id}`);
  await page.locator('[data-node="call"]').click();
  await page.getByRole('complementary', { name: 'Node call' }).getByRole('button', { name: 'Logs' }).click();
  await expect(lines(page)).toHaveText([/error\s*call\s*Failed: /]);
  await expect(page.getByText('1 of 2 lines')).toBeVisible();

  await page.getByRole('combobox', { name: 'Node' }).click();
  await page.getByRole('option', { name: 'Any node' }).click();
  await expect(lines(page)).toHaveCount(2);
  const found = lines(page).filter({ hasText: 'search' });
  await found.getByRole('button').first().click();
  await expect(found.getByRole('group', { name: 'Fields' })).toContainText('hits: 0');
  await expectAccessible(page);
  await expectReadableInTheDark(page);
  await page.getByText('Error', { exact: true }).click();
  await expect(lines(page)).toHaveCount(1);
  await page.getByText('All', { exact: true }).click();

  await baton.call('POST', `/api/v1/runs/${id}/events`, { name: 'go' });
  await expect(lines(page).last()).toContainText('last');
  await page.getByRole('textbox', { name: 'Find in the logs' }).fill('found 0');
  await expect(lines(page)).toHaveCount(1);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);

  await page.goto(`${baton.url}/runs?status=failed`);
  await expect(page.getByRole('main').getByText('http_refused').first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test('a run that has logged nothing says how to', async ({ openConsole, baton }) => {
  const id = await baton.startRun({ name: 'silent', nodes: [{ id: 'a', type: 'echo' }] });
  const page = await openConsole(`/runs/${id}?tab=logs`);
  await expect(page.getByText('context.log.info(')).toBeVisible();
});
