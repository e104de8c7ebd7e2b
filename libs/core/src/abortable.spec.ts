import { describe, expect, it } from '@jest/globals';
import { abortable } from './abortable.js';

describe('work that can be left', () => {
  const never = new Promise<never>(() => undefined);
  const enough = new Error('enough');

  it('gives what comes of it while nobody aborts', async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve('done'), signal)).resolves.toBe('done');
    await expect(abortable(Promise.reject(enough), signal)).rejects.toBe(enough);
  });

  it('is left as soon as somebody aborts, and at once where somebody has', async () => {
    const abortion = new AbortController();
    const left = abortable(never, abortion.signal);
    abortion.abort(enough);
    await expect(left).rejects.toBe(enough);
    await expect(abortable(never, abortion.signal)).rejects.toBe(enough);
  });

  it('is heard by nobody once it is left', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const left = abortable(promise, AbortSignal.abort(enough));
    reject(new Error('late'));
    await expect(left).rejects.toBe(enough);
  });
});
