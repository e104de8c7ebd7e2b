import { expect, test } from '@jest/globals';
import { readPassage } from './passage-sentence.js';
import { coverage, hasTerm, questionTerms, uncoveredWords } from './question-terms.js';

const PASSAGES = [
  { n: 1, title: 'Locks', text: 'A lock expires. A lock is renewed. A run can be cancelled.' },
  { n: 2, title: 'Runs', text: 'A run is submitted.' },
].map(readPassage);

test('a rare word weighs more than a common one, and a missing one no more than a rare one', () => {
  const [lock, expires, banana] = questionTerms('Which lock expires, banana?', PASSAGES);
  expect([lock!.word, expires!.word, banana!.word]).toEqual(['lock', 'expires', 'banana']);
  expect(expires!.weight).toBeGreaterThan(lock!.weight);
  expect(banana!.weight).toBe(expires!.weight);
});

test('forms of a word are one term', () => {
  expect(questionTerms('lock locks locked', PASSAGES).map(({ stem }) => stem)).toEqual(['lock']);
});

test('a question of stop words alone is about these; one without a word is about nothing', () => {
  expect(questionTerms('What is it?', PASSAGES).map(({ word }) => word)).toEqual(['what', 'is', 'it']);
  expect(questionTerms('?', PASSAGES)).toEqual([]);
  expect(coverage([], PASSAGES[0]!)).toBe(0);
});

test('long words may go on differently, short ones may not', () => {
  const stems = new Set(['cancellation', 'ru']);
  expect(hasTerm(stems, 'cancel')).toBe(true);
  expect(hasTerm(stems, 'run')).toBe(false);
  expect(hasTerm(stems, 'cance1')).toBe(false);
});

test('coverage is the share of the question that a passage speaks of, its title included', () => {
  const terms = questionTerms('When are locks submitted?', PASSAGES);
  const [first, second] = PASSAGES.map((passage) => coverage(terms, passage));
  expect(first! + second!).toBeCloseTo(1);
  expect(second).toBeGreaterThan(first!);
  expect(uncoveredWords(questionTerms('Are bananas cancelled?', PASSAGES), PASSAGES)).toEqual(['bananas']);
});
