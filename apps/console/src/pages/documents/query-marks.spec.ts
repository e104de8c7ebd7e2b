import { expect, test } from '@jest/globals';
import { markWords } from './query-marks.js';

const marked = (text: string, query: string) =>
  markWords(text, query)
    .map((part) => (part.isMarked ? `<${part.text}>` : part.text))
    .join('');

test('marks the words of a query, in any case and form', () => {
  expect(marked('Runs are running; a rerun is not.', 'run')).toBe('<Runs> are <running>; a rerun is not.');
  expect(marked('A lease is held.', 'Leases')).toBe('A <lease> is held.');
  expect(marked('Größe der Straße', 'straße')).toBe('Größe der <Straße>');
});

test('marks nothing for short words, signs and an empty query', () => {
  expect(marked('It is on.', 'is on')).toBe('It is on.');
  expect(marked('a.b*c', '.*')).toBe('a.b*c');
  expect(markWords('', 'run')).toEqual([]);
});
