import { expect, expectAccessible, expectNoSidewaysScroll, test } from './console.js';

const PATHS = [
  ...['/', '/tasks', '/ask', '/runs', '/approvals', '/workflows', '/workflows/new', '/workers', '/dead-letters'],
  ...['/documents', '/search', '/analytics', '/settings'],
];

test('every page opens by its address, says its name, and has nothing to complain about', async ({ openConsole, complaints }) => {
  const titles = new Set<string>();
  for (const path of PATHS) {
    const page = await openConsole(path);
    titles.add((await page.getByRole('heading', { level: 1 }).textContent()) ?? '');
    await expectAccessible(page);
  }
  expect(titles.size).toBe(PATHS.length);
  expect(complaints).toEqual([]);
});

test.describe('in the dark', () => {
  test.use({ colorScheme: 'dark' });

  test('nothing on a page is hard to read', async ({ openConsole }) => {
    for (const path of PATHS) await expectAccessible(await openConsole(path));
  });
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
