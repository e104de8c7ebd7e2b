import { expect, test } from '@jest/globals';
import { format } from 'mysql2';
import { statementText } from './statement-text.js';

test('spells values, lists and rows as the driver does', () => {
  const sql = 'UPDATE t SET a = ?, b = ? WHERE (c, d) IN (?) AND e IN (?)';
  const values = [
    'plain',
    null,
    [
      ['x', 1],
      ['y', -2.5],
    ],
    [1, 'é🙂', undefined],
  ];
  expect(statementText(sql, values)).toBe(format(sql, values));
});

test.each(["it's", '\\', "\\'; DROP TABLE runs; --", 'a\0b', "'", "?'?"])('escapes %j', (value) => {
  expect(statementText('SELECT ?', [value])).toBe(format('SELECT ?', [value]));
});

test('leaves alone what has no meaning within single quotes', () => {
  expect(statementText('SELECT ?', ['{"a":"b"}\n?'])).toBe(`SELECT '{"a":"b"}\n?'`);
});

test('takes as many values as there are places, and none that SQL has no number or text for', () => {
  expect(() => statementText('SELECT ?', [])).toThrow('1 places has 0 values');
  expect(() => statementText('SELECT 1', ['a'])).toThrow('0 places has 1 values');
  for (const value of [Number.NaN, Infinity, {}, true]) expect(() => statementText('SELECT ?', [value])).toThrow(TypeError);
});
