import { expect, it } from '@jest/globals';
import { RecentSet } from './recent-set.js';

it('knows the last members, and forgets older ones', () => {
  const set = new RecentSet<number>(10);
  for (let n = 1; n <= 95; n += 1) {
    set.add(n);
    for (let back = 0; back < Math.min(n, 10); back += 1) expect(set.has(n - back)).toBe(true);
    expect(set.has(n - 20)).toBe(false);
  }
  expect(set.has(96)).toBe(false);
});
