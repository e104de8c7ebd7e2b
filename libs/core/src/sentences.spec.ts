import { expect, test } from '@jest/globals';
import { splitSentences } from './sentences.js';

test('splits after a full stop, a question mark and an exclamation mark', () => {
  expect(splitSentences('One is here. Two? Three! And  four…  Five')).toEqual([
    'One is here.',
    'Two?',
    'Three!',
    'And  four…',
    'Five',
  ]);
});

test('does not split before a lower-case word, in a number or in a name', () => {
  const sentence = 'Set e.g. this to 3.5 in config.ts and so on.';
  expect(splitSentences(`${sentence} Then \`npm start\`.`)).toEqual([sentence, 'Then `npm start`.']);
});

test('keeps closing quotes and brackets with their sentence', () => {
  expect(splitSentences('He said "go." (It went.) Done.')).toEqual(['He said "go."', '(It went.)', 'Done.']);
});

test('splits where no blank follows, in scripts that use none', () => {
  expect(splitSentences('第一句。第二句！')).toEqual(['第一句。', '第二句！']);
});

test('blank text has no sentence', () => {
  expect(splitSentences(' \n ')).toEqual([]);
});
