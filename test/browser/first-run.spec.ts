import type { JsonObject } from '@baton/core';
import type { Baton } from './baton.js';
import { expect, test } from './console.js';

test.use({ settings: { DEMO: 'true' } });

const itemsOf = async (baton: Baton, path: string): Promise<JsonObject[]> =>
  (await baton.call('GET', path)).body['items'] as JsonObject[];

test('a first start shows a run that moves, goes on though its worker is killed, and ends when it is approved', async ({
  openConsole,
  baton,
}) => {
  const page = await openConsole('/');
  const button = page.getByRole('button', { name: 'Kill the worker' });
  await expect(button).toBeEnabled();
  const runId = await test.step('the run is started by itself', async () => {
    const demo = async () => (await baton.call('GET', '/api/v1/demo')).body['run_id'];
    await expect.poll(demo, { timeout: 60_000 }).toEqual(expect.any(String));
    return (await demo()) as string;
  });
  const run = async () => (await baton.call('GET', `/api/v1/runs/${runId}`)).body;
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

  await expect.poll(() => itemsOf(baton, '/api/v1/approvals'), { timeout: 60_000 }).toHaveLength(1);
  const [approval] = await itemsOf(baton, '/api/v1/approvals');
  await baton.call('POST', `/approvals/${approval!['id'] as string}/decide`, { decision: 'approve' });
  await expect.poll(async () => (await run())['status'], { timeout: 60_000 }).toBe('completed');
  const nodes = await completed();
  expect(nodes.length).toBe(new Set(nodes).size);
  expect(nodes).toEqual(expect.arrayContaining(['read-3', 'weigh-3', 'verify-3', 'report']));
});

test('data that have had their first run get no second one', async ({ baton }) => {
  const before = await baton.call('GET', '/api/v1/demo');
  await baton.kill();
  await baton.startAgain();
  await expect.poll(async () => (await baton.call('GET', '/api/v1/demo')).body).toMatchObject({ run_id: before.body['run_id']! });
  expect(await itemsOf(baton, '/api/v1/runs')).toHaveLength(1);
});
