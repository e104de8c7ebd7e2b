import { setImmediate as endOfTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { TurnEnder } from './turn-ender.js';

test('sends a signal for each thousand refusals of one turn, and none for those of many turns', async () => {
  let signals = 0;
  const ender = new TurnEnder(() => (signals += 1));
  const refuse = (count: number): void => {
    for (let refused = 0; refused < count; refused += 1) ender.note();
  };
  for (let turns = 0; turns < 5; turns += 1) {
    refuse(999);
    await endOfTurn();
  }
  expect(signals).toBe(0);
  refuse(2_500);
  expect(signals).toBe(2);
  ender.close();
});
