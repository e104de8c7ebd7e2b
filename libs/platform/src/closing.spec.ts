import { describe, expect, it } from '@jest/globals';
import { Closing } from './closing.js';

describe('closing', () => {
  it('goes in the reverse order of opening, past a part that fails, and only once', async () => {
    const closed: string[] = [];
    const warnings: object[] = [];
    const quiet = (): void => undefined;
    const closing = new Closing({ debug: quiet, info: quiet, error: quiet, warn: (fields) => void warnings.push(fields) });
    closing.add('database', () => void closed.push('database'));
    closing.add('queue', () => Promise.reject(new Error('gone')));
    closing.add('lock', async () => void closed.push('lock'));
    await closing.onApplicationShutdown();
    await closing.onApplicationShutdown();
    expect(closed).toEqual(['lock', 'database']);
    expect(warnings).toEqual([expect.objectContaining({ part: 'queue' })]);
  });
});
