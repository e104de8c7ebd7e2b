import { expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { UnreadTime } from './unread-time.js';

test('is how long the turns of the event loop are', async () => {
  const unread = new UnreadTime();
  const busy = setInterval(() => {
    for (const from = performance.now(); performance.now() - from < 80;);
  });
  try {
    expect(await eventually(() => unread.ms > 50, 'long turns were noticed')).toBe(true);
  } finally {
    clearInterval(busy);
  }
  await eventually(() => unread.ms < 40, 'they are over');
  unread.close();
}, 30_000);
