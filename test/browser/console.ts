import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { Baton } from './baton.js';

export { expect, type Page };

interface Fixtures {
  /** Settings of the file's server, by `test.use({ settings: { … } })` at the top of the file. */
  settings: Record<string, string>;
  /** The server of this file: it is started by its first test, and stays for the others. */
  baton: Baton;
  /** Opens a page of the console, and waits until it shows itself. */
  openConsole(this: void, path?: string): Promise<Page>;
  /** Errors in the browser's own console so far: refused requests, failures. An exception that nobody caught fails the test by itself. */
  complaints: readonly string[];
}

/** The server of the file whose tests this process runs. */
class ServerOfFile {
  private file = '';
  private baton: Baton | null = null;

  async of(file: string, settings: Record<string, string>): Promise<Baton> {
    if (this.baton !== null && this.file === file) return this.baton;
    await this.stop();
    this.file = file;
    return (this.baton = await Baton.start(settings));
  }

  async stop(): Promise<void> {
    await this.baton?.stop();
    this.baton = null;
  }
}

/** Playwright's `test` with a server and its console. */
export const test = base.extend<Fixtures, { serverOfFile: ServerOfFile }>({
  serverOfFile: [
    async ({}, use) => {
      const server = new ServerOfFile();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  settings: [{}, { option: true }],
  baton: async ({ serverOfFile, settings }, use, { file }) => use(await serverOfFile.of(file, settings)),
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      const uncaught: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => uncaught.push(error.stack ?? error.message));
      await use(complaints);
      expect(uncaught, 'exceptions that nobody caught').toEqual([]);
    },
    { auto: true },
  ],
  openConsole: async ({ page, baton }, use) => {
    await use(async (path = '/') => {
      await page.goto(baton.url + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      return page;
    });
  },
});

/**
 * No finding of axe that keeps somebody from using the page, or of those of its rules that are named. Colours are looked at as they
 * are when movement has ended.
 */
export async function expectAccessible(page: Page, rules: readonly string[] = []): Promise<void> {
  await page.evaluate(MOVEMENT_ENDS);
  // The console has no frames: what axe found need not be brought together in a page of its own.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({
    resultTypes: ['violations'],
    ...(rules.length > 0 && { runOnly: [...rules] }),
  });
  const { violations } = await axe.analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const findings = grave.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ html }) => html.slice(0, 200)) }));
  expect(findings).toEqual([]);
}

/** What moves for ever, such as a skeleton, is not waited for. */
const MOVEMENT_ENDS = `Promise.allSettled(
  document.getAnimations()
    .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().endTime < Infinity)
    .map((one) => one.finished)
)`;

/** The same page in dark colours: whatever else axe finds does not depend on them. */
export async function expectReadableInTheDark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html[data-mantine-color-scheme="dark"]')).toBeAttached();
  await expectAccessible(page, ['color-contrast']);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Whatever is wide scrolls within itself, or wraps. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  await expect.poll(() => page.evaluate<number>(wider)).toBe(0);
}
