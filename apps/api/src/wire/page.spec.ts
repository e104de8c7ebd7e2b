import { describe, expect, it } from '@jest/globals';
import { PageQuery, toPage } from './page.js';

const entries = (count: number): { id: string; createdAt: number }[] =>
  Array.from({ length: count }, (_, n) => ({ id: `t/${n}`, createdAt: 1_000 - n }));

describe('page', () => {
  it('has a cursor that says where the next one begins, and none on the last', () => {
    const page = toPage(entries(3), 2, ({ id }) => id);
    expect(page.items).toEqual(['t/0', 't/1']);
    expect(PageQuery.parse({ cursor: page.next_cursor }).cursor).toEqual({ createdAt: 999, id: 't/1' });
    expect(toPage(entries(2), 2, ({ id }) => id).next_cursor).toBeNull();
    expect(toPage([], 2, String)).toEqual({ items: [], next_cursor: null });
  });

  it.each(['', '!!', 'bm90IGEgY3Vyc29y', Buffer.from('1/').toString('base64url')])('refuses the cursor %j', (cursor) => {
    expect(PageQuery.safeParse({ cursor }).success).toBe(false);
  });
});
