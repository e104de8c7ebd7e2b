import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';

/** Makes a folder for tests, says where, and goes on for as long as it is let. */
const MAKE = `
  const { makeTestFolder } = await import('./scripts/test-folder.mjs');
  console.log(makeTestFolder());
  setInterval(() => {}, 1_000);`;

test.each(['SIGKILL', 'SIGTERM'] as const)('the folder of tests that end by %s goes with them', async (signal) => {
  const maker = spawn(process.execPath, ['--input-type=module', '--eval', MAKE], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(maker.stdout, 'data')) as [Buffer];
  const folder = String(said).trim();
  writeFileSync(join(folder, 'journal'), 'x');
  maker.kill(signal);
  await eventually(() => !existsSync(folder), `${folder} is gone`);
});

test('a suite has its files in the folder of its run', () => {
  expect(process.env['TMPDIR']).toMatch(/\/baton-test-\w+$/);
});
