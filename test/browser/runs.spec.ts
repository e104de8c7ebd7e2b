import type { JsonObject } from '@baton/core';
import { expect, expectAccessible, expectNoSidewaysScroll, test, type Page } from './console.js';

const waiting = (name: string): JsonObject => ({
  name,
  nodes: [
    { id: 'first', type: 'transform', config: { value: '${{ input }}' } },
    { id: 'hold', type: 'wait', depends_on: ['first'], config: { event: 'go' } },
    { id: 'last', type: 'transform', depends_on: ['hold'], config: { value: { from: '${{ nodes.first.output }}' } } },
  ],
});

const card = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);
const header = (page: Page) => page.getByRole('main').locator('[data-status]').first();

test('a run moves on the screen as it moves, up to its end', async ({ openConsole, baton, complaints }) => {
  const id = await baton.startRun(waiting('moves'), { n: 1 });
  const page = await openConsole(`/runs/${id}`);
  await expect(card(page, 'hold')).toHaveAttribute('data-status', 'waiting');
  await expect(card(page, 'last')).toHaveAttribute('data-status', 'pending');
  await expect(page.locator('[data-why="waiting_for_event"]')).toContainText('go');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(header(page)).toHaveAttribute('data-status', 'paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();

  await baton.call('POST', `/api/v1/runs/${id}/events`, { name: 'go' });
  await expect(card(page, 'last')).toHaveAttribute('data-status', 'completed');
  await expect(header(page)).toHaveAttribute('data-status', 'completed');

  await card(page, 'last').click();
  await expect(page.getByRole('complementary', { name: 'Node last' })).toContainText('"from"'.replaceAll('"', ''));
  for (const [tab, shown] of [
    ['Timeline', 'Timeline of the nodes'],
    ['Journal', 'Events'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('group', { name: shown })).toBeVisible();
    await expectAccessible(page);
  }
  expect(complaints).toEqual([]);
});

test('a run is forked from a node with another input', async ({ openConsole, baton }) => {
  const id = await baton.startRun(waiting('forked'), { n: 1 });
  const page = await openConsole(`/runs/${id}?node=first`);
  await page.getByRole('button', { name: 'Fork from here' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fork this run' });
  await expect(dialog).toContainText('It runs anew with 2 that depend on it');
  await dialog.getByLabel('With another input').check();
  const editor = dialog.getByRole('textbox', { name: 'Input of the fork' });
  await editor.fill('{ "n": ');
  await expect(dialog.getByRole('alert')).toContainText('This is not JSON');
  await expect(dialog.getByRole('button', { name: 'Start the fork' })).toBeDisabled();
  await editor.fill('{ "n": 2 }');
  await dialog.getByRole('button', { name: 'Start the fork' }).click();
  await expect(page).not.toHaveURL(new RegExp(id));
  await expect(page.getByText('Fork of')).toBeVisible();
  await page.getByRole('tab', { name: 'Input and result' }).click();
  await expect(page.getByRole('group', { name: 'Input', exact: true })).toContainText('n: 2');
});

test('the error of a failed run is found from the list', async ({ openConsole, baton }) => {
  const nodes: JsonObject[] = [
    { id: 'ok', type: 'transform', config: { value: 1 } },
    { id: 'call', type: 'http', depends_on: ['ok'], config: { url: 'http://127.0.0.1:9/' } },
  ];
  const id = await baton.startRun({ name: 'fails', nodes });
  const page = await openConsole('/runs?status=failed');
  await page.getByRole('link', { name: new RegExp(id) }).click();
  await expect(page.locator('[data-why="ended"]')).toContainText('http_refused');
  await card(page, 'call').click();
  const panel = page.getByRole('complementary', { name: 'Node call' });
  await expect(panel.getByRole('alert')).toContainText('http_refused');
  await expect(panel.getByRole('list')).toContainText('failed');
});

test('many runs are cancelled at once, and each of them answers', async ({ openConsole, baton }) => {
  const first = await baton.startRun(waiting('many'));
  for (let more = 0; more < 2; more += 1) await baton.call('POST', '/api/v1/runs', { workflow: 'many' });
  const page = await openConsole('/runs?workflow=many');
  await expect(page.getByRole('checkbox', { name: /^Pick the run/ })).toHaveCount(3);
  await page.getByRole('checkbox', { name: 'Pick all runs' }).check();
  await page.getByRole('button', { name: 'Cancel 3 runs' }).click();
  await page.getByRole('dialog', { name: 'Cancel 3 runs' }).getByRole('button', { name: 'Cancel 3 runs' }).click();
  const answers = page.getByRole('dialog', { name: 'What the runs answered' });
  await expect(answers).toContainText('3 runs were told, 0 refused');
  await expect(answers.getByRole('row')).toHaveCount(3);
  await page.keyboard.press('Escape');
  await expect(page.locator('[role=row] [data-status="cancelled"]')).toHaveCount(3);
  await page.getByRole('textbox', { name: 'Run id' }).fill(first);
  await expect(page.locator('[role=row] [data-status]')).toHaveCount(1);
  await expectAccessible(page);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a run fits the screen, and a node opens from below', async ({ openConsole, baton }) => {
    const id = await baton.startRun(waiting('small'));
    const page = await openConsole(`/runs/${id}`);
    await page.getByRole('button', { name: 'Show as a list' }).click();
    await page.getByRole('button', { name: /^hold/ }).click();
    await expect(page.getByRole('complementary', { name: 'Node hold' })).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});
