import { expect, it } from '@jest/globals';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PassingMap } from './passing-map.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

const AT_ONCE = 200;
const PASSING = 3_000;
const VALUES = 1_000;

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size;
}

it('lets go of what has left it, without a full collection', () => {
  const map = new PassingMap<number, number[]>();
  collectGarbage();
  const before = oldBytes();
  for (let id = 0; id < PASSING; id += 1) {
    map.set(
      id,
      Array.from({ length: VALUES }, () => id),
    );
    map.delete(id - AT_ONCE);
    // The second makes what is held old.
    if (id % (2 * AT_ONCE) === 0) for (let time = 0; time < 2; time += 1) collectGarbage({ type: 'minor' });
  }
  // A plain Map keeps all of them.
  expect((oldBytes() - before) / PASSING).toBeLessThan((8 * VALUES) / 2);
});

it('keeps what is set until it is deleted', () => {
  const map = new PassingMap<string, { n: number }>();
  map.set('a', { n: 1 });
  map.set('b', { n: 2 });
  map.set('a', { n: 3 });
  expect([map.get('a'), map.get('c'), map.size]).toEqual([{ n: 3 }, undefined, 2]);
  map.delete('a');
  map.delete('c');
  expect([[...map.keys()], map.entries()]).toEqual([['b'], [['b', { n: 2 }]]]);
});
