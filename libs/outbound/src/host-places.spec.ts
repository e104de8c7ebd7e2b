import { expect, test } from '@jest/globals';
import { HostPlaces } from './host-places.js';

const never = new AbortController().signal;

/** Whether a promise has been resolved, once all that can happen has. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise(setImmediate);
  return done;
}

test('places are given in the order in which they were asked for', async () => {
  const places = new HostPlaces(1, 10);
  const leave = await places.take('a', never);
  const [second, third] = [places.take('a', never), places.take('a', never)];
  expect(await isDone(second)).toBe(false);
  leave();
  leave();
  expect([await isDone(second), await isDone(third)]).toEqual([true, false]);
  (await second)();
  (await third)();
  expect(await isDone(places.take('a', never))).toBe(true);
});

test('hosts do not wait for one another', async () => {
  const places = new HostPlaces(1, 10);
  await places.take('a', never);
  expect(await isDone(places.take('b', never))).toBe(true);
});

test('whoever gives up is passed over', async () => {
  const places = new HostPlaces(1, 10);
  const leave = await places.take('a', never);
  const abortion = new AbortController();
  const given = places.take('a', abortion.signal).catch((error: unknown) => error);
  const next = places.take('a', never);
  abortion.abort(new Error('no more'));
  expect(await given).toEqual(new Error('no more'));
  leave();
  expect(await isDone(next)).toBe(true);
  await expect(places.take('a', abortion.signal)).rejects.toThrow('no more');
});

test('a line that is full takes nobody', async () => {
  const places = new HostPlaces(1, 1);
  await places.take('a', never);
  void places.take('a', never);
  await expect(places.take('a', never)).rejects.toMatchObject({ code: 'rate_limited', context: { target: 'a' } });
});
