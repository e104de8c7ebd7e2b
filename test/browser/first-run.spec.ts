import type { JsonObject } from '@baton/core';
import type { Baton } from './baton.js';
import { expect, test, type Page } from './console.js';

test.use({ settings: { DEMO: 'true' } });

const itemsOf = async (baton: Baton, path: string): Promise<JsonObject[]> =>
  (await baton.call('GET', path)).body['items'] as JsonObject[];

/** The run that is started by itself. */
async function firstRun(baton: Baton): Promise<string> {
  const read = async () => (await baton.call('GET', '/api/v1/demo')).body['run_id'];
  await expect.poll(read, { timeout: 60_000 }).toEqual(expect.any(String));
  return (await read()) as string;
}

async function goHome(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Home' }).click();
}

/** In the panel of Home that is called so. */
async function follow(page: Page, panel: string, link: string | RegExp): Promise<void> {
  await page.getByRole('region', { name: panel, exact: true }).getByRole('link', { name: link }).click({ timeout: 60_000 });
}

test('whoever opens the page after the first start sees a run move, kills its worker, forks a failed one, finds why one waits, and approves', async ({
  openConsole,
  baton,
}) => {
  const page = await openConsole('/');
  await page.getByRole('link', { name: 'Watch the first' }).click();
  const reading = page.locator('[data-node="read-1"]');
  await expect(reading).toHaveAttribute('data-status', 'dispatched', { timeout: 60_000 });
  const why = page.locator('[data-why]');

  const button = page.getByRole('button', { name: 'Kill the worker' });
  const pidOfWorker = async () => {
    const workers = await itemsOf(baton, '/api/v1/workers');
    return workers.filter(({ live, pools }) => live === true && (pools as string[]).includes('demo')).at(-1)?.['pid'];
  };
  const killed = await pidOfWorker();
  await button.click();
  await expect(page.getByText('The worker is killed')).toBeVisible();

  await goHome(page);
  await follow(page, 'Failed for good', /invoice-total/);
  await expect(why).toContainText('No such key: net');
  await page.getByRole('link', { name: 'look at the node total' }).click();
  const panel = page.getByRole('complementary', { name: 'Node total' });
  await expect(panel.getByRole('alert')).toContainText('expression_failed');
  await panel.getByRole('button', { name: 'Fork from here' }).click();
  await page.getByRole('checkbox', { name: 'With another input' }).check();
  const input = page.getByRole('textbox', { name: 'Input of the fork' });
  await input.fill('{ "invoice": { "customer": "Ada", "net": 100 } }');
  await page.getByRole('button', { name: 'Start the fork' }).click();
  await expect(page.locator('[data-why="ended"]')).toContainText('it is completed');

  await goHome(page);
  await follow(page, 'Runs', 'ship-order');
  await expect(why).toContainText('The node paid waits for the event order.paid');
  await page.getByRole('button', { name: 'Send the event' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.locator('[data-why="ended"]')).toContainText('it is completed');

  await expect.poll(async () => (await pidOfWorker()) ?? killed, { timeout: 60_000 }).not.toBe(killed);
  await goHome(page);
  await follow(page, 'Waits for you', /Shall this answer become a report\?/);
  await page.getByRole('dialog', { name: 'Approval' }).getByRole('button', { name: 'Approve', exact: true }).click();
  await goHome(page);
  await page.getByRole('link', { name: 'Watch the first' }).click();
  await expect(page.locator('[data-why="ended"]')).toContainText('it is completed', { timeout: 60_000 });

  const journal = await itemsOf(baton, `/api/v1/runs/${await firstRun(baton)}/journal?limit=1000`);
  const completed = journal.filter(({ type }) => type === 'node.completed').map(({ node_id: id }) => id as string);
  expect(completed.length).toBe(new Set(completed).size);
  expect(completed).toEqual(expect.arrayContaining(['read-3', 'weigh-3', 'verify-3', 'report']));
  const { pools } = (await baton.call('GET', '/api/v1/workflow-capacity')).body;
  expect(pools).toMatchObject([{ pool: 'demo', waiting: 0, active: 0 }]);
});

test('data that have had their first run get no second one', async ({ baton }) => {
  const first = await firstRun(baton);
  const before = (await itemsOf(baton, '/api/v1/runs')).map(({ id }) => id);
  await baton.kill();
  await baton.startAgain();
  expect(await firstRun(baton)).toBe(first);
  expect((await itemsOf(baton, '/api/v1/runs')).map(({ id }) => id)).toEqual(before);
});
