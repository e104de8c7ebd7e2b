import { expect, expectAccessible, expectNoSidewaysScroll, expectReadableInTheDark, test } from './console.js';

const PATHS = [
  ...['/', '/tasks', '/ask', '/runs', '/approvals', '/workflows', '/workflows/new', '/workers', '/dead-letters'],
  ...['/documents', '/search', '/analytics', '/settings'],
];

test('every page opens by its address, says its name, and is read in light and in dark', async ({ openConsole, complaints }) => {
  const titles = new Set<string>();
  for (const path of PATHS) {
    const page = await openConsole(path);
    titles.add((await page.getByRole('heading', { level: 1 }).textContent()) ?? '');
    await expectAccessible(page);
    await expectReadableInTheDark(page);
  }
  expect(titles.size).toBe(PATHS.length);
  expect(complaints).toEqual([]);
});

test('an address of something that is not there says so under the name of its page', async ({ openConsole }) => {
  for (const path of ['/tasks/none', '/runs/none', '/workflows/none', '/workflows/none/edit']) {
    const page = await openConsole(path);
    await expect(page.getByRole('main').getByRole('alert')).toContainText('none');
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('no page is wider than the screen', async ({ openConsole }) => {
    for (const path of PATHS) await expectNoSidewaysScroll(await openConsole(path));
  });
});

test('a page that has lost its server says so, and goes on by itself when it is back', async ({ openConsole, baton }) => {
  const page = await openConsole('/runs');
  const banner = page.getByRole('status').filter({ hasText: 'connection is lost' });
  await baton.kill();
  await expect(banner).toBeVisible();
  await baton.startAgain();
  await expect(banner).toBeHidden();
  await expect(page.getByRole('status', { name: /^Live/ })).toBeVisible();
});
