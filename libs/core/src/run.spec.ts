import { describe, expect, it } from '@jest/globals';
import { LOCK_METHODS } from './lock-history.js';
import { isTerminal, RUN_STATUSES } from './run.js';
import { SIGNAL_TYPES } from './signal.js';
import { TASK_STATUSES, taskStatusAfter } from './task.js';

describe('the states of a run', () => {
  it('end in exactly three', () => {
    expect(RUN_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled']);
  });

  it('give the task its own words', () => {
    expect(RUN_STATUSES.filter(isTerminal).map(taskStatusAfter)).toEqual(['done', 'failed', 'cancelled']);
    expect(
      RUN_STATUSES.filter(isTerminal)
        .map(taskStatusAfter)
        .every((status) => TASK_STATUSES.includes(status)),
    ).toBe(true);
  });
});

describe('the closed lists that go over the wire', () => {
  it('change only on purpose', () => {
    expect(TASK_STATUSES).toEqual(['pending', 'running', 'done', 'failed', 'cancelled']);
    expect(LOCK_METHODS).toEqual(['redis', 'memory', 'sql', 'upfront']);
    expect(SIGNAL_TYPES).toEqual([...['pause', 'resume', 'cancel', 'decide', 'event', 'patch', 'pool', 'admit', 'child']]);
  });
});
