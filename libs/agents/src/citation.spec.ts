import { expect, test } from '@jest/globals';
import { citedNumbers, splitClaims, writeClaim } from './citation.js';

test('citations are found in the ways that models write them', () => {
  expect(citedNumbers('One [2]. Two[1][3]. Three [3, 10].')).toEqual([1, 2, 3, 10]);
  expect(citedNumbers('a[i] and [x] and (1)')).toEqual([]);
});

test('a claim is a sentence with the citations behind it', () => {
  expect(splitClaims('First one [1]. Second, uncited. Third [2][1] Fourth [3].')).toEqual([
    { text: 'First one', citations: [1] },
    { text: 'Second, uncited.', citations: [] },
    { text: 'Third', citations: [1, 2] },
    { text: 'Fourth', citations: [3] },
  ]);
});

test('a citation before any sentence belongs to none, and the list of sources is no claim', () => {
  expect(splitClaims('[1] It holds. [2]\n\nSources:\n[1] A\n[2] B')).toEqual([{ text: 'It holds.', citations: [2] }]);
  expect(splitClaims('')).toEqual([]);
});

test('a claim is written as it is read', () => {
  const answer = 'It expires. [1][2] It is renewed.';
  expect(splitClaims(answer).map(writeClaim).join(' ')).toBe(answer);
});

test('long runs of blanks and brackets are read in no time', () => {
  const blanks = ' '.repeat(200_000);
  expect(citedNumbers(`a${blanks}b${blanks}[1]`)).toEqual([1]);
  expect(splitClaims(`a${'\n'.repeat(200_000)}b [2`)).toHaveLength(1);
});
