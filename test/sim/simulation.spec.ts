import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { missingOccurrences } from './occurrences.js';
import { simulate } from './simulation.js';
import { Counters } from './trace.js';

const SEEDS = 2_000;
const AT_ONCE = 100;
const BATCHES = Array.from({ length: SEEDS / AT_ONCE }, (_, index) => [index * AT_ONCE + 1, (index + 1) * AT_ONCE] as const);
const BATCH_BOUND_MS = 120_000;

const occurred = new Counters();
const unhandled: unknown[] = [];
const remember = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', remember);
});

afterAll(() => {
  process.off('unhandledRejection', remember);
});

it.each(BATCHES)(
  'whatever fails, runs keep every promise (seeds %i to %i)',
  async (first, last) => {
    for (let seed = first; seed <= last; seed += 1) {
      const { violations, counts, describe } = await simulate(seed);
      occurred.add(counts);
      if (violations.length > 0) throw new Error(describe());
    }
    expect(unhandled).toEqual([]);
  },
  BATCH_BOUND_MS,
);

it('every kind of node, fault and action has occurred', () => {
  expect(missingOccurrences(occurred.counts)).toEqual([]);
});

it('a seed plays the same each time', async () => {
  for (const seed of [1, 7, 42, 280]) {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    expect(second.traceHash).toBe(first.traceHash);
    expect(second.counts).toEqual(first.counts);
  }
  expect((await simulate(8)).traceHash).not.toBe((await simulate(7)).traceHash);
});
