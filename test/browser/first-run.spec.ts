import type { JsonObject } from '@baton/core';
import type { Baton } from './baton.js';
import { expect, test } from './console.js';

test.use({ settings: { DEMO: 'true' } });

const itemsOf = async (baton: Baton, path: string): Promise<JsonObject[]> =>
  (await baton.call('GET', path)).body['items'] as JsonObject[];

/** The run that is started by itself. */
async function firstRun(baton: Baton): Promise<string> {
  const read = async () => (await baton.call('GET', '/api/v1/demo')).body['run_id'];
  await expect.poll(read, { timeout: 60_000 }).toEqual(expect.any(String));
  return (await read()) as string;
}

test('a first start shows a run that moves, goes on though its worker is killed, and ends when it is approved', async ({
  openConsole,
  baton,
}) => {
  const page = await openConsole('/');
  const button = page.getByRole('button', { name: 'Kill the worker' });
  await expect(button).toBeEnabled();
  const runId = await firstRun(baton);
  const completed = async () =>
    (await itemsOf(baton, `/api/v1/runs/${runId}/journal?limit=1000`))
      .filter(({ type }) => type === 'node.completed')
      .map(({ node_id: id }) => id as string);
  const pidOfWorker = async () => {
    const workers = await itemsOf(baton, '/api/v1/workers');
    return workers.filter(({ live, pools }) => live === true && (pools as string[]).includes('demo')).at(-1)?.['pid'];
  };

  await expect.poll(completed, { timeout: 60_000 }).toContain('read-1');
  const killed = await pidOfWorker();
  await button.click();
  await expect(page.getByText('The worker is killed')).toBeVisible();
  await expect.poll(async () => (await pidOfWorker()) ?? killed, { timeout: 60_000 }).not.toBe(killed);
  await expect(button).toBeEnabled();

  await page
    .getByRole('main')
    .getByRole('link', { name: /Shall this answer become a report\?/ })
    .click({ timeout: 60_000 });
  await page.getByRole('dialog', { name: 'Approval' }).getByRole('button', { name: 'Approve', exact: true }).click();
  await openConsole(`/runs/${runId}`);
  await expect(page.locator('[data-why="ended"]')).toContainText('it is completed', { timeout: 60_000 });
  const nodes = await completed();
  expect(nodes.length).toBe(new Set(nodes).size);
  expect(nodes).toEqual(expect.arrayContaining(['read-3', 'weigh-3', 'verify-3', 'report']));
});

test('data that have had their first run get no second one', async ({ baton }) => {
  const first = await firstRun(baton);
  await baton.kill();
  await baton.startAgain();
  expect(await firstRun(baton)).toBe(first);
  expect(await itemsOf(baton, '/api/v1/runs')).toHaveLength(1);
});
