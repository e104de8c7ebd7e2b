import { expect, test } from '@jest/globals';
import { StartGate } from './start-gate.js';

test('refuses a crowd that waits for too long, but not who has few in it', () => {
  let now = 0;
  const gate = new StartGate(100, () => now);
  const leave = Array.from({ length: 64 }, () => gate.enter('loud'));
  expect(gate.refusalOf('loud')).toBeNull();
  now = 100;
  expect(gate.refusalOf('loud')).toMatchObject({ code: 'overloaded' });
  expect(gate.refusalOf('quiet')).toBeNull();
  const quiet = Array.from({ length: 10 }, () => gate.enter('quiet'));
  expect(gate.refusalOf('quiet')).toMatchObject({ code: 'overloaded' });
  for (const one of quiet) one();
  // The oldest counts, and too few are no crowd.
  leave[0]!();
  expect(gate.refusalOf('loud')).toBeNull();
  gate.enter('loud');
  expect(gate.refusalOf('loud')).not.toBeNull();
  for (const one of leave.slice(1)) one();
  expect(gate.refusalOf('loud')).toBeNull();
});

test('lets everybody in where there is no bound', () => {
  let now = 0;
  const gate = new StartGate(0, () => now);
  for (let index = 0; index < 100; index += 1) gate.enter('loud');
  now = 1e6;
  expect(gate.refusalOf('loud')).toBeNull();
});
