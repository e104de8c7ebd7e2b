import { expect, it } from '@jest/globals';
import { zipFile } from '../../../test/support/sample-files.js';
import { checkZip } from './zip-directory.js';

it('names the limit of an archive, whichever of its files exceeds it', () => {
  const zip = zipFile({ a: 'x'.repeat(600), b: 'x'.repeat(600) });
  expect(() => checkZip(zip, 1_200)).not.toThrow();
  expect(() => checkZip(zip, 1_000)).toThrow('The archive unpacks to more than 1000 bytes');
  expect(() => checkZip(zip, 500)).toThrow('The archive unpacks to more than 500 bytes');
});
