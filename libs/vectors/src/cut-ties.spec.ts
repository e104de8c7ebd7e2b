import { expect, test } from '@jest/globals';
import { cutTies } from './cut-ties.js';

const hits = (...pairs: [string, number][]) => pairs.map(([id, score]) => ({ id, score }));

test('best first, ties by id', () => {
  const best = cutTies(hits(['b', 0.5], ['c', 0.9], ['a', 0.5]), 2, 10);
  expect(best!.map(({ id }) => id)).toEqual(['c', 'a']);
});

test('asks for more while the last tie may go on', () => {
  expect(cutTies(hits(['c', 0.9], ['b', 0.5], ['a', 0.5]), 2, 3)).toBeNull();
  expect(cutTies(hits(['c', 0.9], ['b', 0.5], ['a', 0.4]), 2, 3)!.map(({ id }) => id)).toEqual(['c', 'b']);
});

test('is content with nothing, and with fewer than wanted', () => {
  expect(cutTies([], 2, 3)).toEqual([]);
  expect(cutTies(hits(['a', 1]), 2, 3)).toHaveLength(1);
});
