import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/in-memory/virtual-clock.js';
import { AnswerBound } from './answer-bound.js';

describe('AnswerBound', () => {
  const start = () => {
    const clock = new VirtualClock();
    return { clock, bound: new AnswerBound(clock, { sqlWriteBoundMs: 4_000 }) };
  };

  it('gives up a call that lasts, and none that came later', async () => {
    const { clock, bound } = start();
    const first = bound.within(new Promise<never>(() => {})).catch((error: unknown) => error);
    await clock.advance(1_000);
    const later = Promise.withResolvers<string>();
    const second = bound.within(later.promise);

    await clock.advance(3_200);

    await expect(first).resolves.toMatchObject({ code: 'storage_unavailable', options: { retryAfterSeconds: 1 } });
    later.resolve('done');
    await expect(second).resolves.toBe('done');
  });

  it('answers as the work does, and watches anew what comes after a pause', async () => {
    const { clock, bound } = start();
    await expect(bound.within(Promise.resolve('done'))).resolves.toBe('done');
    await expect(bound.within(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await clock.advance(10_000);

    const late = bound.within(new Promise<never>(() => {})).catch((error: unknown) => error);
    await clock.advance(4_200);

    await expect(late).resolves.toMatchObject({ code: 'storage_unavailable' });
  });

  it('gives up each call at its own time, and holds none that is answered', async () => {
    const { clock, bound } = start();
    const ends: [string, number][] = [];
    const began = clock.now();
    const call = (name: string, work: Promise<unknown>): void =>
      void bound.within(work).then(
        () => ends.push([`${name} answered`, clock.now() - began]),
        () => ends.push([`${name} given up`, clock.now() - began]),
      );
    const never = new Promise<never>(() => {});
    for (const name of ['first', 'second']) call(name, never);
    await clock.advance(900);
    call('third', never);
    call('fourth', clock.sleep(1_000));
    await clock.advance(7_100);
    expect(ends).toEqual([
      ['fourth answered', 1_900],
      ...['first', 'second'].map((name) => [`${name} given up`, 4_000]),
      ['third given up', 5_000],
    ]);

    for (let calls = 0; calls < 100; calls += 1) call('more', Promise.resolve());
    await clock.settle();
    expect(clock.pending).toBe(1);
    await clock.advance(200);
    expect(clock.pending).toBe(0);
  });
});
