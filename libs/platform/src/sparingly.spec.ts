import { expect, it } from '@jest/globals';
import { sparingly } from './sparingly.js';

function asked(costMs: number): { ask: () => Promise<number>; wait: (ms: number) => void } {
  let clock = 0;
  let times = 0;
  const count = async (): Promise<number> => {
    times += 1;
    await Promise.resolve();
    clock += costMs;
    if (times === 3) throw new Error('away');
    return times;
  };
  return { ask: sparingly(count, () => clock), wait: (ms) => (clock += ms) };
}

it('asks what is cheap each time, once for all who ask meanwhile', async () => {
  const { ask } = asked(1);
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  expect(await ask()).toBe(2);
});

it('gives what took long again for a hundred times as long, and a failure to nobody', async () => {
  const { ask, wait } = asked(100);
  expect(await ask()).toBe(1);
  wait(9_800);
  expect(await ask()).toBe(1);
  wait(100);
  expect(await ask()).toBe(2);
  wait(10_000);
  await expect(ask()).rejects.toThrow('away');
  expect(await ask()).toBe(4);
});
