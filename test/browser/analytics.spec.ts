import { expect, expectAccessible, expectNoSidewaysScroll, test } from './console.js';

const FINE = { name: 'fine', nodes: [{ id: 'only', type: 'transform', config: { value: 1 } }] };
const BROKEN = { name: 'broken', nodes: [{ id: 'only', type: 'http', config: { url: 'http://127.0.0.1:9/' } }] };

test('says what to do while nothing has ended, and shows what has', async ({ openConsole, baton, complaints }) => {
  const page = await openConsole('/analytics');
  await expect(page.getByText('No run has ended in this period')).toBeVisible();
  await baton.startRun(FINE);
  const failed = await baton.startRun(BROKEN);
  const statusOf = async (): Promise<unknown> => (await baton.call('GET', `/api/v1/runs/${failed}`)).body['status'];
  await expect.poll(statusOf, { timeout: 20_000 }).toBe('failed');

  await page.reload();
  await expect(page.getByText('50 %').first()).toBeVisible();
  await expect(page.getByRole('img', { name: 'Success rate over time' }).locator('canvas')).toBeVisible();
  const table = page.getByRole('table', { name: 'Figures by workflow' });
  await expect(table.getByRole('row').filter({ hasText: 'broken' })).toContainText('0 %');
  await expectAccessible(page);

  await page.getByRole('combobox', { name: 'Workflow' }).click();
  await page.getByRole('option', { name: 'fine' }).click();
  await expect(page.getByText('100 %').first()).toBeVisible();
  await page.getByText('24 h', { exact: true }).click();
  await expect(page.getByText('100 %').first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('fits the screen', async ({ openConsole, baton }) => {
    const run = await baton.startRun({ ...FINE, name: 'pocket' });
    await expect.poll(async () => (await baton.call('GET', `/api/v1/runs/${run}`)).body['status']).toBe('completed');
    const page = await openConsole('/analytics');
    await expect(page.getByText('Runs ended', { exact: true })).toBeVisible();
    await expectNoSidewaysScroll(page);
  });

  test('fits names as long as they may be', async ({ openConsole, baton }) => {
    const name = 'n'.repeat(64);
    const ask = { id: 'i'.repeat(64), type: 'approval', config: { title: 't'.repeat(200), payload: 'p'.repeat(500) } };
    const run = await baton.startRun({ name, description: 'd'.repeat(500), nodes: [ask] });
    for (const [path, text] of [
      [`/runs/${run}`, ask.config.title],
      ['/approvals', ask.config.title],
      ['/', ask.config.title],
      ['/runs', name],
      [`/workflows/${name}`, name],
    ] as const) {
      await test.step(path, async () => {
        const page = await openConsole(path);
        await expect(page.getByText(text).first()).toBeVisible();
        await expectNoSidewaysScroll(page);
      });
    }
  });
});
