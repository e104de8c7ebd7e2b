import { expect, it } from '@jest/globals';
import { RecentAnswer } from './recent-answer.js';

it('asks once in a while, and again after a failure', async () => {
  let now = 0;
  let asked = 0;
  let fails = false;
  const recent = new RecentAnswer(
    async () => {
      asked += 1;
      if (fails) throw new Error('away');
      return asked;
    },
    { monotonic: () => now },
    500,
  );
  expect(await Promise.all([recent.get(), recent.get()])).toEqual([1, 1]);
  now = 499;
  expect(await recent.get()).toBe(1);
  now = 500;
  expect(await recent.get()).toBe(2);
  now = 1_000;
  fails = true;
  await expect(Promise.all([recent.get(), recent.get()])).rejects.toThrow('away');
  expect(asked).toBe(3);
  fails = false;
  expect(await recent.get()).toBe(4);
});
