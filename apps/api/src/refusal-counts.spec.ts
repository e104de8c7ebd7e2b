import { expect, jest, test } from '@jest/globals';
import { RefusalCounts } from './refusal-counts.js';

test('a flood of refusals is one line a second, with their numbers, and counted one by one', () => {
  jest.useFakeTimers();
  const lines: object[] = [];
  const counted: string[] = [];
  const log = (fields: object): void => void lines.push(fields);
  const counts = new RefusalCounts(
    { countRequestRefused: (reason) => void counted.push(reason) },
    { debug: log, info: log, warn: log, error: log },
  );
  for (let index = 0; index < 1_000; index += 1) counts.add(index % 4 === 0 ? 'start_delay' : 'backlog');
  expect(lines).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(lines).toEqual([{ refused: { start_delay: 250, backlog: 750 } }]);
  jest.advanceTimersByTime(10_000);
  counts.add('event_loop');
  jest.advanceTimersByTime(1_000);
  expect(lines.slice(1)).toEqual([{ refused: { event_loop: 1 } }]);
  expect(counted).toHaveLength(1_001);
  jest.useRealTimers();
});
