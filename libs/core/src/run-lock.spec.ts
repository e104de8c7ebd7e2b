import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatHolder, lockKey, parseHolder, type LockHolder } from './run-lock.js';

const holder: fc.Arbitrary<LockHolder> = fc.record({
  kind: fc.constantFrom('api' as const, 'worker' as const),
  id: fc.string({ minLength: 1 }).filter((id) => !id.includes('/')),
});

describe('a lock holder', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(holder, (any) => expect(parseHolder(formatHolder(any))).toEqual(any)));
  });

  it.each(['', 'api', 'api/', 'cli/1', 'api/1/2', '/1', 'API/1'])('is not read from %j', (text) =>
    expect(parseHolder(text)).toBeNull(),
  );
});

describe('lockKey', () => {
  it('is one for all runs of a task, and one of its own for a run without', () => {
    expect(lockKey({ taskId: 't1', runId: 'r1' })).toBe('task:t1:lock');
    expect(lockKey({ taskId: 't1', runId: 'r2' })).toBe('task:t1:lock');
    expect(lockKey({ taskId: null, runId: 'r1' })).toBe('run:r1:lock');
  });
});
