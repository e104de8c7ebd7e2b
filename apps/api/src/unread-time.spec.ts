import { expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { UnreadTime } from './unread-time.js';

test.each([80, 200])(
  'is how long the turns of the event loop are, asked in each of them: %d ms',
  async (turnMs) => {
    const unread = new UnreadTime();
    let heard = 0;
    const busy = setInterval(() => {
      heard = unread.ms;
      for (const from = performance.now(); performance.now() - from < turnMs;);
    });
    try {
      expect(await eventually(() => heard > turnMs * 0.6, 'long turns were noticed')).toBe(true);
    } finally {
      clearInterval(busy);
    }
    await eventually(() => unread.ms < 40, 'they are over');
    unread.close();
  },
  30_000,
);
