import { describe, expect, test } from '@jest/globals';
import { copiedText, fieldsText, filterLines, mergeLines, moreText, offsetOf, triesText, type LogLine } from './log-lines.js';

const AT = Date.parse('2026-03-01T12:00:00.000Z');
const line = (n: number, change: Partial<LogLine> & { after?: number } = {}): LogLine => {
  const { after = n, ...rest } = change;
  const subject = { node_id: 'draft', visit: 1, attempt: 1 };
  return { n, at: new Date(AT + after).toISOString(), level: 'info', ...subject, message: `line ${n}`, fields: null, ...rest };
};
const ALL = { level: 'debug', node: null, text: '' } as const;

describe('lines', () => {
  const lines = [
    line(1, { level: 'debug' }),
    line(2, { node_id: 'search', fields: { Query: 'What is a LEASE?' } }),
    line(3, { level: 'warn', message: 'Slow' }),
    line(4, { level: 'error', node_id: 'search' }),
  ];
  const numbers = (filter: Partial<Parameters<typeof filterLines>[1]>) =>
    filterLines(lines, { ...ALL, ...filter }).map(({ n }) => n);

  test('are picked by how serious they are, by node, and by any text in them', () => {
    expect(numbers({})).toEqual([1, 2, 3, 4]);
    expect(numbers({ level: 'info' })).toEqual([2, 3, 4]);
    expect(numbers({ level: 'error' })).toEqual([4]);
    expect(numbers({ node: 'search' })).toEqual([2, 4]);
    expect(numbers({ text: ' slow ' })).toEqual([3]);
    expect(numbers({ text: 'lease' })).toEqual([2]);
    expect(numbers({ text: 'SEARCH', level: 'warn' })).toEqual([4]);
  });

  test('come in the order of their time, and of their numbers within a millisecond', () => {
    const known = mergeLines([], [line(1), line(5, { after: 5 })]);
    const merged = mergeLines(known, [line(6, { after: 3 }), line(7, { after: 5 })]);
    expect(merged.map(({ n }) => n)).toEqual([1, 6, 5, 7]);
    expect(mergeLines(known, [])).toBe(known);
  });

  test('that are read again stand there once', () => {
    const known = mergeLines([], [line(1), line(5)]);
    expect(mergeLines(known, [line(1), line(4), line(5)]).map(({ n }) => n)).toEqual([1, 4, 5]);
    expect(mergeLines(known, [line(5)])).toBe(known);
  });

  test('say when, which try, and what their fields are', () => {
    expect(offsetOf(line(1, { after: 1_500 }), AT)).toBe('+1.5 s');
    expect(offsetOf(line(1, { after: -20 }), AT)).toBe('−20 ms');
    expect(triesText(line(1))).toBe('');
    expect(triesText(line(1, { visit: 2, attempt: 3 }))).toBe('visit 2, try 3');
    expect(fieldsText(line(1, { fields: { host: 'a.example', hits: 3, list: [1, 'b'] } }))).toBe(
      'host=a.example hits=3 list=[1,"b"]',
    );
  });

  test('show beside the message what it does not say itself', () => {
    const call = line(1, { message: 'GET a.example answered 200', fields: { host: 'a.example', status: 200, item: 2, ms: 7 } });
    expect(moreText(call)).toBe('item=2 ms=7');
  });

  test('are copied as text', () => {
    expect(copiedText([line(1, { level: 'warn', fields: { ms: 2 } }), line(2)])).toBe(
      '2026-03-01T12:00:00.001Z  WARN  draft  line 1  ms=2\n2026-03-01T12:00:00.002Z  INFO  draft  line 2',
    );
  });
});
