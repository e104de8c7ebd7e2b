import { expect, it } from '@jest/globals';
import { PLANTED_BUGS } from './planted-bugs.js';
import { simulate } from './simulation.js';

/** Far fewer than the quick run has: a bug that hides longer would be found too late. */
const WITHIN_SEEDS = 200;
const BOUND_MS = 60_000;

it.each(PLANTED_BUGS)(
  'the simulation finds a planted bug: $name',
  async (bug) => {
    for (let seed = 1; seed <= WITHIN_SEEDS; seed += 1) {
      const { violations, describe } = await simulate(seed, { bug });
      const found = violations.filter((violation) => bug.showsAs.test(violation));
      if (found.length === 0) continue;
      expect(describe()).toContain(`npm run sim -- --seed ${seed}`);
      return;
    }
    throw new Error(`${WITHIN_SEEDS} seeds do not show the bug`);
  },
  BOUND_MS,
);
