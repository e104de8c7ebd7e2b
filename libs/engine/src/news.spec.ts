import { expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VirtualClock } from '../../../test/support/in-memory/virtual-clock.js';
import { News } from './news.js';

it('lets nobody rest who has not heard the news', () => {
  const news = new News(new VirtualClock());
  news.tell();
  expect(news.rest(null)).toBeNull();
});

it('lets rest who has heard them, until others are told', async () => {
  const news = new News(new VirtualClock());
  news.tell();
  news.hear();
  let isAwake = false;
  const rest = Promise.resolve(news.rest(null)).then(() => (isAwake = true));
  await nextTurn();
  expect(isAwake).toBe(false);
  news.tell();
  await rest;
  expect(isAwake).toBe(true);
});

it('ends a rest at its instant', async () => {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const rest = Promise.resolve(new News(clock).rest(startedAt + 100)).then(() => clock.now() - startedAt);
  await clock.advance(1_000);
  expect(await rest).toBe(100);
});

it('ends a rest with the news before its instant, and its timer with it', async () => {
  const clock = new VirtualClock();
  const news = new News(clock);
  const rest = news.rest(clock.now() + 1_000);
  expect(clock.pending).toBe(1);
  news.tell();
  expect(await rest).toBeNull();
  expect(clock.pending).toBe(0);
});
