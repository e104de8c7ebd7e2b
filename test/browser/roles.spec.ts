import type { JsonObject } from '@baton/core';
import type { Baton } from './baton.js';
import { expect, expectAccessible, test, type Page } from './console.js';

const ROLES = ['viewer', 'operator', 'admin'] as const;
type Role = (typeof ROLES)[number];
const tokenOf = (role: Role): string => `${role}-token-for-the-browser`;

test.use({
  settings: Object.fromEntries(ROLES.map((role) => [`API_TOKEN_${role.toUpperCase()}`, tokenOf(role)])),
});

/** What there is to look at, and to act on. */
interface Things {
  waits: string;
  asks: string;
  failed: string;
  task: string;
  document: string;
}
let things: Things | null = null;

async function makeThings(baton: Baton): Promise<Things> {
  const waits = await baton.startRun({ name: 'waits', nodes: [{ id: 'hold', type: 'wait', config: { event: 'go' } }] });
  const asks = await baton.startRun({ name: 'asks', nodes: [{ id: 'ask', type: 'approval', config: { title: 'Go on?' } }] });
  const call: JsonObject = { id: 'call', type: 'http', config: { url: 'http://127.0.0.1:9/' } };
  const failed = await baton.startRun({ name: 'fails', nodes: [call] });
  const statusOf = async (id: string) => (await baton.call('GET', `/api/v1/runs/${id}`)).body['status'];
  for (const [id, status] of [
    [waits, 'waiting'],
    [asks, 'waiting'],
    [failed, 'failed'],
  ] as const) {
    await expect.poll(() => statusOf(id)).toBe(status);
  }
  const task = (await baton.call('POST', '/api/v1/tasks', { title: 'Look around' })).body['id'] as string;
  await baton.call('POST', '/api/v1/ingest', { text: 'The sky is blue.', title: 'Sky' });
  const { items } = (await baton.call('GET', '/api/documents')).body as { items: { id: string }[] };
  return { waits, asks, failed, task, document: items[0]!.id };
}

test.beforeEach(async ({ baton }) => {
  things ??= await makeThings(baton);
});

/** @param shown the role that the console is told, where that is another */
async function openAs(role: Role, openConsole: () => Promise<Page>, shown: Role = role): Promise<Page> {
  const page = await openConsole();
  await page.evaluate(`localStorage.setItem('baton.token', ${JSON.stringify(tokenOf(role))})`);
  await page.goto(new URL('/settings', page.url()).href);
  // Who this is, is known from here on: what a page does not offer then, it will not offer either.
  await expect(page.getByRole('region', { name: 'Access' }).getByText(shown, { exact: true }).first()).toBeVisible();
  return page;
}

const go = (page: Page, path: string) => page.evaluate(`history.pushState({}, '', ${JSON.stringify(path)})`);

interface Offer {
  path: (things: Things) => string;
  /** What everybody can read there. */
  reads: string | RegExp;
  /** The buttons, boxes and links that a role sees, and all above it. */
  operator?: readonly string[];
  admin?: readonly string[];
  /** Opens what they are in. */
  open?: (page: Page) => Promise<void>;
}

const OFFERS: readonly Offer[] = [
  { path: () => '/', reads: /^What runs, what waits for you/, operator: ['Ask'] },
  {
    path: ({ waits }) => `/runs/${waits}?node=hold`,
    reads: 'Idempotency key',
    operator: ['Pause', 'Fork', 'Cancel', 'Send the event', 'Fork from here'],
    admin: ['Delete run'],
  },
  { path: ({ asks }) => `/runs/${asks}`, reads: 'Go on?', operator: ['Approve', 'Reject'] },
  {
    path: ({ failed }) => `/runs/${failed}?tab=result`,
    reads: 'The run has left no files behind.',
    operator: ['Retry', 'Make a report'],
  },
  { path: () => '/runs', reads: 'fails', operator: ['Pick all runs that are shown'] },
  { path: () => '/approvals', reads: 'Go on?', operator: ['Select Go on?', 'Approve Go on?', 'Reject Go on?'] },
  {
    path: () => '/approvals',
    open: (page) => page.getByRole('main').getByRole('button', { name: 'Go on?', exact: true }).click(),
    reads: 'Who decides',
    operator: ['Approve', 'Reject'],
  },
  { path: () => '/dead-letters', reads: /http_refused/, operator: ['Discard all', 'Replay all'] },
  {
    path: () => '/dead-letters',
    open: (page) =>
      page
        .getByRole('main')
        .getByRole('button', { name: /fails · call/ })
        .click(),
    reads: 'Input of the run',
    operator: ['Discard', 'Replay'],
  },
  { path: () => '/documents', reads: 'Sky', operator: ['Choose files'] },
  { path: ({ document }) => `/documents?document=${document}`, reads: 'The sky is blue.', operator: ['Delete'] },
  { path: () => '/search', reads: 'Passages a search gives', admin: ['Change'] },
  { path: () => '/tasks', reads: 'Look around', operator: ['New task'] },
  { path: ({ task }) => `/tasks/${task}`, reads: /^No run yet/, operator: ['Run'] },
  { path: () => '/ask', reads: /^Answers from your documents/, operator: ['Ask'] },
  { path: () => '/workflows', reads: 'asks', operator: ['New workflow'] },
  { path: () => '/workflows/asks', reads: 'Definition', operator: ['Archive', 'Edit', 'Run'] },
  { path: () => '/workflows/asks/edit', reads: 'Node', operator: ['Save'] },
];

for (const role of ROLES) {
  test(`pages offer to the role ${role} what it may do, and show the rest`, async ({ openConsole, complaints }) => {
    const page = await openAs(role, openConsole);
    const begun = complaints.length;
    for (const { path, reads, open, operator = [], admin = [] } of OFFERS) {
      const address = path(things!);
      await test.step(address, async () => {
        await go(page, address);
        await open?.(page);
        await expect(page.getByText(reads).filter({ visible: true }).first()).toBeVisible();
        const action = (name: string) => {
          const options = { name, exact: true };
          const inside = open === undefined && !address.includes('?document') ? page.getByRole('main') : page.getByRole('dialog');
          const kinds = (['button', 'checkbox', 'link'] as const).map((kind) => inside.getByRole(kind, options));
          return kinds.reduce((all, one) => all.or(one)).first();
        };
        const shown = role === 'admin' ? [...operator, ...admin] : role === 'operator' ? operator : [];
        for (const name of shown) await expect(action(name)).toBeVisible();
        for (const name of [...operator, ...admin]) if (!shown.includes(name)) await expect(action(name)).toHaveCount(0);
        if (role === 'viewer') await expectAccessible(page);
        if (open !== undefined) await page.keyboard.press('Escape');
      });
    }
    expect(complaints.slice(begun)).toEqual([]);
  });
}

test('an approval that is for others says so, and has no buttons', async ({ openConsole, baton, complaints }) => {
  const ask = async (name: string, config: JsonObject): Promise<string> => {
    const run = await baton.startRun({ name, nodes: [{ id: 'ask', type: 'approval', config }] });
    await expect.poll(async () => (await baton.call('GET', `/api/v1/approvals/${run}.1.ask`)).status).toBe(200);
    return run;
  };
  const runId = await ask('vault', { title: 'Open the vault?', role: 'admin', approvals: 2 });
  const id = `${runId}.1.ask`;
  await ask('later', { title: 'Close it?' });
  const page = await openAs('operator', openConsole);
  const begun = complaints.length;
  const main = page.getByRole('main');
  const isForAdmins = 'It is not yours to decide. The role admin decides.';

  await go(page, '/approvals');
  const card = main.getByRole('listitem').filter({ hasText: 'Open the vault?' });
  await expect(card.getByText(isForAdmins)).toBeVisible();
  await expect(card.getByRole('button')).toHaveText(['Open the vault?']);
  await expect(card.getByRole('checkbox')).toHaveCount(0);
  await expect(main.getByRole('listitem').filter({ hasText: 'Go on?' }).getByRole('button')).toHaveText([
    'Go on?',
    'Reject',
    'Approve',
  ]);

  await go(page, `/approvals?approval=${id}`);
  const panel = page.getByRole('dialog');
  await expect(panel.getByText(isForAdmins)).toBeVisible();
  await expect(panel.getByRole('button', { name: /Approve|Reject/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  await go(page, `/runs/${runId}`);
  const question = main.getByRole('article', { name: 'Open the vault?' });
  await expect(question.getByText(isForAdmins)).toBeVisible();
  await expect(question.getByRole('button', { name: /Approve|Reject/ })).toHaveCount(0);

  await go(page, '/');
  const waits = main.getByRole('region', { name: 'Waits for you' });
  await expect(waits.getByRole('link')).toHaveText(['Inbox', 'Go on?', 'Close it?', 'Open the vault?']);
  await expect(waits).toContainText('for others');
  await expect(main.getByText('approvals, and 1 for others')).toBeVisible();

  await openAs('admin', openConsole);
  await go(page, `/runs/${runId}`);
  await question.getByRole('button', { name: 'Approve' }).click();
  await expect(question.getByText('Your vote counts already. Others must decide, too.')).toBeVisible();
  await expect(question.getByRole('button', { name: /Approve|Reject/ })).toHaveCount(0);
  expect(complaints.slice(begun)).toEqual([]);
});

test('of the runs that an operator picks none is offered to be deleted', async ({ openConsole }) => {
  const page = await openAs('operator', openConsole);
  await go(page, '/runs?workflow=waits');
  await page.getByRole('checkbox', { name: 'Pick all runs' }).check();
  const toolbar = page.getByRole('toolbar');
  await expect(toolbar.getByRole('button')).toHaveText(['Pause', 'Resume', 'Retry', 'Cancel 1 run', '']);
});

test('what a role may do no more is refused in words that stay, and then not offered', async ({ openConsole, baton, page }) => {
  const before = (await baton.call('GET', '/api/v1/me', undefined, tokenOf('operator'))).body;
  let hasChanged = false;
  await page.route('**/api/v1/me', (route) => (hasChanged ? route.continue() : route.fulfill({ json: before })));
  await openAs('viewer', openConsole, 'operator');
  await go(page, `/runs/${things!.waits}`);
  const pause = page.getByRole('main').getByRole('button', { name: 'Pause' });
  await expect(pause).toBeVisible();
  hasChanged = true;
  await pause.click();
  await expect(page.getByRole('alert').filter({ hasText: 'Could not pause the run' })).toContainText('operator');
  await expect(pause).toHaveCount(0);

  hasChanged = false;
  await page.reload();
  await go(page, '/runs?workflow=waits');
  const box = page.getByRole('checkbox', { name: 'Pick all runs' });
  await box.check();
  hasChanged = true;
  const toolbar = page.getByRole('toolbar');
  await toolbar.getByRole('button', { name: 'Pause' }).click();
  await expect(box).toHaveCount(0);
  await expect(toolbar.getByRole('alert')).toContainText('operator');
});

test('where the API cannot say what a role may do, everything is offered', async ({ openConsole, page }) => {
  await openAs('admin', openConsole);
  await page.route('**/api/v1/me', (route) => route.fulfill({ status: 500, body: 'broken' }));
  await openConsole(`/runs/${things!.waits}`);
  const main = page.getByRole('main');
  for (const name of ['Pause', 'Cancel', 'Delete run'])
    await expect(main.getByRole('button', { name, exact: true })).toBeVisible();
});
