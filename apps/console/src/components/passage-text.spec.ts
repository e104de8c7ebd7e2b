import { expect, test } from '@jest/globals';
import { withoutLayout } from './passage-text.js';

test('a table is read without what only lays it out, code with its steps', () => {
  expect(withoutLayout('| code      | meaning |\n| --------- | ------- |\n| a         | b       |')).toBe(
    '| code | meaning |\n| --- | --- |\n| a | b |',
  );
  expect(withoutLayout('{\n    "a":   1\n}')).toBe('{\n    "a": 1\n}');
});
