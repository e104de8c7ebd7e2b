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

test('an admin deletes a run that has ended, and it is gone; one that lives stays', async ({ openConsole, baton }) => {
  const id = await baton.startRun(asking('goes', 'May it go?'));
  const other = await baton.startRun(asking('remains', 'And this one?'));
  await isAt(baton, id, 'waiting');
  const page = await openConsole(`/runs/${id}`);
  const button = page.getByRole('button', { name: 'Delete run' });
  const dialog = page.getByRole('dialog', { name: 'Delete run' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await button.focus();
  await expect(page.getByRole('tooltip')).toHaveText('It has not ended: cancel it first');
  await button.press('Enter');
  await expect(dialog).toHaveCount(0);
  expect((await baton.call('DELETE', `/api/v1/runs/${id}`)).body['code']).toBe('run_not_ended');

  await baton.call('POST', `/api/v1/runs/${id}/cancel`, {});
  await expect(button).not.toHaveAttribute('aria-disabled');
  await button.click();
  await expect(dialog).toContainText('cannot be undone');
  await expectAccessible(page);
  await expectReadableInTheDark(page);
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();
  await button.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Delete run' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'The run is deleted' })).toBeVisible();
  await expect(page).toHaveURL(/\/runs$/);
  await expect(page.getByRole('link', { name: new RegExp(other) })).toBeVisible();
  await expect(page.getByRole('link', { name: new RegExp(id) })).toHaveCount(0);
  expect((await baton.call('GET', `/api/v1/runs/${id}`)).status).toBe(404);
});

test('a run that is in the way of its deletion is named, and nobody but an admin is offered it', async ({
  openConsole,
  baton,
}) => {
  isRepaired = false;
  const failed = await baton.startRun(calling('lettered', { max_attempts: 1 }));
  await isAt(baton, failed, 'failed');
  const page = await openConsole(`/runs/${failed}`);
  const dialog = page.getByRole('dialog', { name: 'Delete run' });
  await page.getByRole('button', { name: 'Delete run' }).click();
  await dialog.getByRole('button', { name: 'Delete run' }).click();
  const refusal = page.getByRole('alert').filter({ hasText: 'A dead letter of the run is open' });
  await expect(refusal).toContainText(failed);
  await expect(refusal.getByRole('link', { name: 'Replay or discard it' })).toHaveAttribute('href', '/dead-letters');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Delete run' })).toBeVisible();

  await page.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch();
    const me = (await answer.json()) as { operations: string[] };
    const operations = me.operations.filter((one) => one !== 'DELETE /api/v1/runs/{id}');
    await route.fulfill({ response: answer, json: { ...me, operations } });
  });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete run' })).toHaveCount(0);
});

/** The page does not look by itself whether a run is still there. */
const keepFromLooks = (page: Page) => page.route(/\?values=false$/, (route) => route.abort());
/** The page is live, and hears of no change. */
const keepFromNotices = (page: Page) =>
  page.routeWebSocket(/\/ws\/live/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!message.toString().includes('"type":"changed"')) socket.send(message);
    });
  });

test('a page whose run somebody else deletes says so, and so does that of its task', async ({ openConsole, baton }) => {
  const task = (await baton.call('POST', '/api/v1/tasks', { title: 'Passing' })).body['id'] as string;
  const id = (await baton.call('POST', `/api/v1/tasks/${task}/runs`, {})).body['run_id'] as string;
  await expect.poll(async () => (await baton.call('GET', `/api/v1/runs/${id}`)).body['finished_at']).not.toBeNull();
  await baton.call('POST', `/api/v1/dead-letters/${id}/discard`, {});
  const page = await openConsole();
  await keepFromLooks(page);
  await page.goto(`${baton.url}/runs/${id}`);
  const untold = await page.context().newPage();
  await keepFromNotices(untold);
  await untold.goto(page.url());
  for (const one of [page, untold]) await expect(one.getByRole('status', { name: /^Live/ })).toBeVisible();
  for (const one of [page, untold]) await expect(header(one)).toBeVisible();
  expect((await baton.call('DELETE', `/api/v1/runs/${id}`)).status).toBe(204);
  const gone = page.getByRole('alert').filter({ hasText: 'This run was deleted' });
  await expect(gone).toBeVisible();
  await expectAccessible(page);
  await gone.getByRole('link', { name: 'See all runs' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  await expect(untold.getByRole('alert').filter({ hasText: 'This run was deleted' })).toBeVisible();
  await openConsole(`/tasks/${task}?run=${id}`);
  await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('There is no such run');
});

test('many runs are deleted at once, and each of them answers, those in the way too', async ({ openConsole, baton }) => {
  const lives = await baton.startRun(asking('swept', 'Shall it go on?'));
  const ended: string[] = [];
  for (let more = 0; more < 2; more += 1) {
    ended.push((await baton.call('POST', '/api/v1/runs', { workflow: 'swept' })).body['run_id'] as string);
    await isAt(baton, ended[more]!, 'waiting');
    await baton.call('POST', `/api/v1/runs/${ended[more]}/cancel`, {});
    await isAt(baton, ended[more]!, 'cancelled');
  }
  await isAt(baton, lives, 'waiting');
  const sweep = async (page: Page, count: string): Promise<void> => {
    await page.getByRole('checkbox', { name: 'Pick all runs' }).check();
    await page.getByRole('button', { name: `Delete ${count}` }).click();
    await page
      .getByRole('dialog', { name: `Delete ${count}` })
      .getByRole('button', { name: `Delete ${count}` })
      .click();
  };
  const page = await openConsole('/runs?workflow=swept');
  await expect(page.getByRole('checkbox', { name: /^Pick the run/ })).toHaveCount(3);
  const held = Promise.withResolvers<void>();
  await page.route('**/api/v1/runs/*', async (route) => {
    if (route.request().method() === 'DELETE') await held.promise;
    await route.continue();
  });
  await sweep(page, '3 runs');
  const atWork = page.getByRole('dialog', { name: 'Delete 3 runs' });
  await expect(atWork.getByRole('button', { name: 'Close' })).toBeDisabled();
  for (const name of ['Pause', 'Cancel 3 runs', 'Pick none']) {
    await expect(page.getByRole('toolbar').getByRole('button', { name, includeHidden: true })).toBeDisabled();
  }
  await page.clock.install();
  await page.keyboard.press('Escape');
  // So long that a dialog that was left has gone.
  await page.clock.runFor(1_000);
  await expect(atWork).toBeVisible();
  held.resolve();
  const answers = page.getByRole('dialog', { name: 'What the runs answered' });
  await expect(answers).toContainText('2 runs were deleted, 1 refused');
  await expect(atWork).toHaveCount(0);
  await expect(answers.getByRole('row').filter({ hasText: 'run_not_ended' })).toHaveCount(1);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('checkbox', { name: /^Pick the run/ })).toHaveCount(1);
  for (const id of ended) expect((await baton.call('GET', `/api/v1/runs/${id}`)).status).toBe(404);

  await baton.call('POST', `/api/v1/runs/${lives}/cancel`, {});
  await expect(page.locator('[role=row] [data-status="cancelled"]')).toHaveCount(1);
  await sweep(page, '1 run');
  await expect(page.getByText('No run fits these filters')).toBeVisible();
  await expect(answers).toContainText('1 run was deleted, 0 refused');
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
