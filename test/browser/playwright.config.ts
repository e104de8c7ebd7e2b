import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

/** Debian's Chromium, or another's under the same name. */
const chromium = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((file) => existsSync(file));

/** Pages of the console in a real browser, against a real server: `npm run test:browser`. */
export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/browser',
  // Files side by side, each with a server of its own; the tests of a file one after the other on that server.
  workers: 2,
  // Its first test also starts the server, and the machine may be busy.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    // Root has no sandbox to give; machines in containers have little shared memory.
    launchOptions: { executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] },
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    // A test says itself when it wants another language, zone or scheme.
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
});
