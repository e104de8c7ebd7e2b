import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@baton/core';
import type { Baton } from './baton.js';
import { expect, expectAccessible, expectReadableInTheDark, test, type Page } from './console.js';

test.use({ settings: { HTTP_ALLOW: '127.0.0.1' } });

/** What nodes of this file call: out of order until somebody has repaired it. */
let isRepaired = false;
let called: Server;

test.beforeAll(async () => {
  called = createServer((_request, response) => {
    response.writeHead(isRepaired ? 200 : 500, { 'content-type': 'application/json' }).end('{ "posted": true }');
  });
  await once(called.listen(0, '127.0.0.1'), 'listening');
});
test.afterAll(() => called.close());

const calling = (name: string, retry: JsonObject): JsonObject => {
  const config = { url: `http://127.0.0.1:${(called.address() as AddressInfo).port}/`, output: 'response.body' };
  return { name, nodes: [{ id: 'post', type: 'http', config, retry }] };
};
const asking = (name: string, title: string): JsonObject => ({
  name,
  nodes: [
    { id: 'ask', type: 'approval', config: { title } },
    { id: 'after', type: 'transform', depends_on: ['ask'], config: { value: 'done' } },
  ],
});

const header = (page: Page) => page.getByRole('main').locator('[data-status]').first();
const isAt = (baton: Baton, id: string, status: string) =>
  expect.poll(async () => (await baton.call('GET', `/api/v1/runs/${id}`)).body['status']).toBe(status);

test('what failed for good lies in dead letters, and goes on from there when it is replayed', async ({ openConsole, baton }) => {
  isRepaired = false;
  const failed = await baton.startRun(calling('posts', { max_attempts: 1 }), { note: 'hello' });
  await isAt(baton, failed, 'failed');
  const page = await openConsole('/dead-letters');
  const row = page.getByRole('table', { name: 'Dead letters' }).getByRole('row').filter({ hasText: failed });
  await expect(row).toContainText('http_failed');
  await row.getByRole('button', { name: /posts · post/ }).click();
  const letter = page.getByRole('dialog', { name: 'Dead letter' });
  await expect(letter.getByRole('region', { name: 'Error' })).toContainText('500');
  await expect(letter.getByRole('region', { name: 'Input' })).toContainText('hello');

  isRepaired = true;
  await letter.getByRole('button', { name: 'Replay' }).click();
  await letter.getByRole('link', { name: 'Open the new run' }).click();
  await expect(page).not.toHaveURL(new RegExp(failed));
  await expect(page).toHaveURL(/\/runs\//);
  await expect(header(page)).toHaveAttribute('data-status', 'completed');
  await openConsole('/dead-letters');
  await expect(row).toHaveCount(0);
  await page.getByRole('radiogroup', { name: 'Status' }).getByText('Replayed').click();
  await expect(row).toHaveCount(1);
});

test('a run says why it waits, and no longer when it does not', async ({ openConsole, baton }) => {
  isRepaired = false;
  const asks = await baton.startRun(asking('asks', 'Send the letter?'));
  const sleeps = await baton.startRun({ name: 'sleeps', nodes: [{ id: 'nap', type: 'wait', config: { seconds: 3_600 } }] });
  const retries = await baton.startRun(calling('retries', { max_attempts: 3, initial_ms: 600_000, max_ms: 600_000 }));
  for (const [id, code, sentence] of [
    [sleeps, 'waiting_for_time', /The node nap waits until .*changes by itself in (59 min\.|1 hr\.)/],
    [retries, 'waiting_for_retry', /The node post is tried again in \d+ s \(try 2 of 3\)/],
    [asks, 'waiting_for_approval', /The node ask waits for a decision since .*Send the letter\?/],
  ] as const) {
    const page = await openConsole('/runs?status=waiting');
    await page.getByRole('link', { name: new RegExp(id) }).click();
    await expect(page.locator(`[data-why="${code}"]`)).toContainText(sentence);
  }
  const page = await openConsole(`/runs/${asks}`);
  const question = page.getByRole('region', { name: 'Open approvals' }).getByRole('article', { name: /Send the letter\?/ });
  await question.getByRole('button', { name: 'Approve' }).click();
  await expect(page.locator('[data-why="ended"]')).toContainText('it is completed');
  await expect(question).toHaveCount(0);
});

test('what waits for one is decided from home, and stays to be read', async ({ openConsole, baton }) => {
  const id = await baton.startRun(asking('home', 'Open the door?'));
  const page = await openConsole('/');
  await page.getByRole('main').getByRole('link', { name: 'Open the door?', exact: true }).click();
  const approval = page.getByRole('dialog', { name: 'Approval' });
  await approval.getByRole('textbox', { name: 'Comment' }).fill('It rang twice.');
  await approval.getByRole('button', { name: 'Approve', exact: true }).click();
  await isAt(baton, id, 'completed');

  await openConsole('/approvals');
  await page.getByRole('radiogroup', { name: 'Status' }).getByText('Decided', { exact: true }).click();
  const row = page.getByRole('table', { name: 'Decided approvals' }).getByRole('row').filter({ hasText: 'Open the door?' });
  await expect(row).toContainText(/approved.*local.*It rang twice\./);
  await expectAccessible(page);
  await row.getByRole('button', { name: /Open the door\?/ }).click();
  await expect(approval).toContainText('by local');
});

test('pages that are full of things are read by everybody, in light and in dark', async ({ openConsole, baton, complaints }) => {
  isRepaired = false;
  const failed = await baton.startRun(calling('fails', { max_attempts: 1 }));
  await isAt(baton, failed, 'failed');
  const asks = await baton.startRun(asking('stays', 'Shall it stay?'));
  await isAt(baton, asks, 'waiting');
  const shown: readonly [path: string, text: string | RegExp][] = [
    ['/', /Shall it stay\?/],
    ['/workers', 'Queued'],
    ['/settings', 'Queued runs'],
    ['/dead-letters', 'http_failed'],
  ];
  for (const [path, text] of shown) {
    await test.step(path, async () => {
      const page = await openConsole(path);
      await expect(page.getByRole('main').getByText(text).first()).toBeVisible();
      await expectAccessible(page);
      await expectReadableInTheDark(page);
    });
  }
  expect(complaints).toEqual([]);
});
