import { expect, test } from '@jest/globals';
import type { Dispatch } from '@baton/core';
import { runJobOptions, storedJobOptions } from './bull-options.js';

const DISPATCH: Dispatch = { runId: '01a1fe7c-6d17-705d-8ffc-9ff8aa791b15', taskId: null, generation: 3 };

test.each([null, 7])('a job is stored with the options with which BullMQ would add it, at level %p', (level) => {
  const { deduplication: de, ...options } = runJobOptions(DISPATCH, level);
  expect(JSON.parse(storedJobOptions(DISPATCH, level))).toEqual({ ...options, de });
});
