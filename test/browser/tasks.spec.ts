import { createTask } from '../support/client.js';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './console.js';

const TEXT = 'The sky over Lisbon is azure in spring. The river below it is called Tagus.';

test('a question goes in, and an answer with its citation comes out', async ({ openConsole, baton }) => {
  await baton.call('POST', '/api/ingest', { text: TEXT, title: 'Skies' });
  const page = await openConsole('/ask');
  await page.locator('#agent-query').fill('What is the sky over Lisbon?');
  await page.locator('#agent-submit').click();
  const response = page.locator('#agent-response');
  await expect(response).toContainText('azure');
  await expectAccessible(page);
  await page.reload();
  await expect(response, 'the answer has an address').toContainText('azure');
  const sources = response.getByRole('region', { name: 'Sources' });
  await sources.getByRole('link', { name: 'Skies' }).click();
  await expect(page.getByRole('dialog').getByRole('region', { name: 'Passages' })).toContainText(TEXT);
});

test('a task is created and run to its end before one’s eyes, and its lock is told of', async ({ openConsole, baton }) => {
  const page = await openConsole('/tasks');
  await page.getByRole('button', { name: 'New task' }).first().click();
  const form = page.getByRole('dialog', { name: 'New task' });
  await form.getByRole('textbox', { name: 'Title' }).fill('Which river is it?');
  await form.getByRole('checkbox', { name: 'Run it at once' }).uncheck();
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Which river is it?');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await expect(timeline).toContainText('Completed');
  await expect(timeline).toContainText('retrieve');
  await expect(page.getByRole('region', { name: 'Runs' })).toContainText('completed');
  const locks = page.getByRole('region', { name: 'Lock and conflicts' });
  await expect(locks).toContainText('Taken by a start');
  await expectAccessible(page);
  const { body } = await baton.call('GET', '/api/v1/tasks?title_prefix=Which%20river&status=done');
  expect(body['items']).toHaveLength(1);
});

test('an approval is decided in the inbox, and its run goes on', async ({ openConsole, baton }) => {
  const runId = await baton.startRun({
    name: 'publish',
    nodes: [{ id: 'ask', type: 'approval', config: { title: 'Publish the notes?', payload: { channel: 'blog' } } }],
  });
  const page = await openConsole('/approvals');
  const inbox = page.getByRole('list', { name: 'Open approvals' });
  await inbox.getByRole('button', { name: 'Publish the notes?', exact: true }).click();
  const detail = page.getByRole('dialog');
  await detail.getByLabel('Comment').fill('Go ahead');
  await expectAccessible(page);
  await detail.getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(inbox.getByText('Publish the notes?')).toHaveCount(0);
  await expect.poll(async () => (await baton.call('GET', `/api/v1/runs/${runId}`)).body['status']).toBe('completed');
  const { body } = await baton.call('GET', `/api/v1/approvals/${runId}.1.ask`);
  expect(body).toMatchObject({ decision: 'approve', comment: 'Go ahead' });
});

test('several approvals are decided at once, and one that was decided before says so', async ({ openConsole, baton }) => {
  const runs: string[] = [];
  for (const title of ['First?', 'Second?']) {
    const name = title.slice(0, -1).toLowerCase();
    runs.push(await baton.startRun({ name, nodes: [{ id: 'ask', type: 'approval', config: { title } }] }));
  }
  const page = await openConsole('/approvals');
  await page.getByRole('checkbox', { name: 'Select First?' }).check();
  await page.getByRole('checkbox', { name: 'Select Second?' }).check();
  await page.route('**/decide', async (route) => {
    if (route.request().url().includes(runs[0]!))
      await baton.call('POST', `/api/v1/approvals/${runs[0]}.1.ask/decide`, { decision: 'reject' });
    await route.continue();
  });
  await page.getByRole('button', { name: 'Approve all' }).click();
  await expect(page.getByText('Somebody was faster: rejected by local.')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Open approvals' }).getByText(/^(First|Second)\?$/)).toHaveCount(0);
});

test('files that are dropped become documents, which a search finds and marks', async ({ openConsole }) => {
  const page = await openConsole('/documents');
  const files = [
    { name: 'moles.md', mimeType: 'text/markdown', buffer: Buffer.from('# Moles\n\nMoles dig tunnels under meadows.') },
    { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.from(' ') },
  ];
  await page.getByLabel('Files').setInputFiles(files);
  const uploads = page.getByRole('region', { name: 'Uploads' });
  await expect(uploads).toContainText('2 of 2 done');
  await expect(uploads.getByRole('listitem').filter({ hasText: 'moles.md' })).toContainText('ready');
  await expect(uploads.getByRole('listitem').filter({ hasText: 'empty.txt' })).toContainText(/no text/i);
  await expect(page.getByRole('table', { name: 'Documents' })).toContainText('Moles');
  await expectAccessible(page);
  await openConsole('/search?q=tunnels');
  await expect(page.getByRole('article').first().locator('mark').first()).toHaveText('tunnels');
  await expectAccessible(page);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a task and an approval are read without scrolling to the side', async ({ openConsole, baton }) => {
    const runId = await baton.startRun({
      name: 'phone',
      nodes: [{ id: 'ask', type: 'approval', config: { title: 'A question that is rather long for a phone, is it not?' } }],
    });
    await openConsole('/approvals');
    const page = await openConsole(`/approvals?approval=${runId}.1.ask`);
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    await expectNoSidewaysScroll(page);
    await openConsole(`/tasks/${await createTask(baton.url, 'A task whose title is rather long for a phone, is it not?')}`);
    await expectNoSidewaysScroll(page);
  });
});
