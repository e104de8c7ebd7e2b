import { expect, it } from '@jest/globals';
import { archiveFolder } from './object-run-archive.js';

const END = Date.UTC(2026, 2, 1, 23, 59);

it.each([
  ['acme', 'acme'],
  ['acme-2', 'acme-2'],
  ['Acme', '_41cme'],
  ['a_b', 'a_5fb'],
  ['a/../b', 'a_2f_2e_2e_2fb'],
  ['zoë', 'zo_c3_ab'],
  ['法'.repeat(64), '__b7a61591063c0d5300176705e4eed13cee288980c367109b1c34c9293f2aa056'],
])('the archive of the tenant %j has a folder that no other has', (tenant, folder) => {
  expect(archiveFolder(tenant, END, 'run-1')).toBe(`${folder}/2026/03/01/run-1`);
});
