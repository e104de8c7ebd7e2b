import { expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { newRunId } from './run-ids.js';

it('makes ids that rise, many in a millisecond', () => {
  const ids = Array.from({ length: 5_000 }, () => newRunId());
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(5_000);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
});
