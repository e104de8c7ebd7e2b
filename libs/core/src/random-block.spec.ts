import { expect, it } from '@jest/globals';
import { takeRandomBytes } from './random-block.js';

it('gives each byte once, over many blocks', () => {
  const taken = Array.from({ length: 2_000 }, () => takeRandomBytes(16));
  expect(new Set(taken.map((bytes) => bytes.toString('hex'))).size).toBe(2_000);
  expect(new Set(taken.map(({ length }) => length))).toEqual(new Set([16]));
});

it('leaves alone what it has given', () => {
  const bytes = takeRandomBytes(16);
  const text = bytes.toString('hex');
  takeRandomBytes(4_096);
  expect(bytes.toString('hex')).toBe(text);
});
