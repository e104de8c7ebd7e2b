import { describe, expect, test } from '@jest/globals';
import type { TokenFeed, TokenPiece } from '@baton/core';
import { MemoryTokenFeed, RedisTokenFeed } from '@baton/queue';
import { freshName, RedisBench, until } from '../support/redis-clients.js';

const bench = new RedisBench();

/** Feeds of as many processes as the adapter can reach; in process, that is one. */
const services: Record<string, () => Promise<TokenFeed[]>> = {
  redis: async () => {
    const prefix = `${freshName()}:`;
    const open = async () => new RedisTokenFeed(await bench.connect('queue'), await bench.connect('subscriber'), { prefix });
    return await Promise.all([open(), open()]);
  },
  memory: async () => [new MemoryTokenFeed()],
};

const piece = (runId: string, offset: number, text = 'Größe '): TokenPiece => {
  return { runId, nodeId: 'draft', visit: 1, step: 'model', offset, text };
};

describe.each(Object.keys(services))('the token feed (%s)', (name) => {
  test('says of a run whether anybody listens, in whichever process', async () => {
    const feeds = await services[name]!();
    const [speaker, listener] = [feeds[0]!, feeds.at(-1)!];
    expect(await Promise.all([speaker.isHeard('a'), speaker.isHeard('b')])).toEqual([false, false]);
    const stops = [listener.listen('a', () => undefined), listener.listen('a', () => undefined)];
    await until(() => speaker.isHeard('a'));
    expect(await Promise.all([speaker.isHeard('a'), speaker.isHeard('b'), listener.isHeard('a')])).toEqual([true, false, true]);
    stops[0]!();
    stops[0]!();
    expect(await listener.isHeard('a')).toBe(true);
    stops[1]!();
    await until(async () => !(await speaker.isHeard('a')));
  });

  test('brings the pieces of a run to all who listen to it, once, in order, and to nobody else', async () => {
    const feeds = await services[name]!();
    const heard = feeds.map((): TokenPiece[] => []);
    const others: TokenPiece[] = [];
    feeds.forEach((feed, at) => feed.listen('a', (one) => heard[at]!.push(one)));
    feeds.at(-1)!.listen('b', (one) => others.push(one));
    await until(async () => (await Promise.all(feeds.map((feed) => feed.isHeard('b')))).every((isHeard) => isHeard));
    const said = Array.from({ length: 50 }, (_, at) => piece('a', at * 6));
    for (const one of said) feeds[0]!.send(one);
    feeds[0]!.send(piece('nobody', 0));
    feeds[0]!.send(piece('b', 0));
    await until(() => heard.every((pieces) => pieces.length >= said.length) && others.length > 0);
    expect(heard).toEqual(feeds.map(() => said));
    expect(others).toEqual([piece('b', 0)]);
  });

  test('is heard no more by who has stopped, and by the others although one throws', async () => {
    const [feed] = await services[name]!();
    const heard: string[] = [];
    feed!.listen('a', () => {
      throw new Error('planted');
    });
    const stop = feed!.listen('a', () => heard.push('first'));
    feed!.listen('a', () => heard.push('second'));
    feed!.send(piece('a', 0));
    stop();
    feed!.send(piece('a', 6));
    expect(heard).toEqual(['first', 'second', 'second']);
  });
});

test('while nobody listens to any run it asks Redis once for many, and it asks for each as soon as somebody does', async () => {
  const prefix = `${freshName()}:`;
  const publisher = await bench.connect('queue');
  const speaker = new RedisTokenFeed(publisher, await bench.connect('subscriber'), { prefix, unheardForMs: 60_000 });
  const listener = new RedisTokenFeed(await bench.connect('queue'), await bench.connect('subscriber'), { prefix });
  let asked = 0;
  const pubsub = publisher.pubsub.bind(publisher);
  Object.assign(publisher, { pubsub: (...args: Parameters<typeof pubsub>) => ((asked += 1), pubsub(...args)) });
  await until(async () => ((asked = 0), !(await speaker.isHeard('run')) && asked === 0));
  for (let call = 0; call < 200; call += 1) expect(await speaker.isHeard(`run-${call}`)).toBe(false);
  expect(asked).toBe(0);
  const listening = `${prefix}!listening`;
  const ofAll = async (): Promise<unknown> => (await pubsub('NUMSUB', listening))[1];
  const stops = ['a', 'b'].map((runId) => listener.listen(runId, () => undefined));
  await until(() => speaker.isHeard('a'));
  asked = 0;
  for (const isHeard of [true, false]) expect(await speaker.isHeard(isHeard ? 'b' : 'c')).toBe(isHeard);
  expect(asked).toBe(2);
  stops[0]!();
  await until(async () => !(await speaker.isHeard('a')));
  expect(await ofAll()).toBe(1);
  stops[1]!();
  await until(async () => (await ofAll()) === 0);
});

test('that nobody listens is forgotten with the connection that would bring the news, and not remembered without one', async () => {
  const prefix = `${freshName()}:`;
  const [publisher, subscriber] = [await bench.connect('queue'), await bench.connect('subscriber')];
  const speaker = new RedisTokenFeed(publisher, subscriber, { prefix, unheardForMs: 60_000 });
  const listener = new RedisTokenFeed(await bench.connect('queue'), await bench.connect('subscriber'), { prefix });
  let asked = 0;
  const pubsub = publisher.pubsub.bind(publisher);
  Object.assign(publisher, { pubsub: (...args: Parameters<typeof pubsub>) => ((asked += 1), pubsub(...args)) });
  await until(async () => ((asked = 0), !(await speaker.isHeard('a')) && asked === 0));
  subscriber.disconnect();
  await until(() => subscriber.status === 'end');
  for (const calls of [1, 2, 3]) {
    expect(await speaker.isHeard('a')).toBe(false);
    expect(asked).toBe(calls);
  }
  listener.listen('a', () => undefined);
  await until(() => speaker.isHeard('a'));
});

test('who listens says so again after a reconnect', async () => {
  const prefix = `${freshName()}:`;
  const subscriber = await bench.connect('subscriber');
  const speaker = new RedisTokenFeed(await bench.connect('queue'), await bench.connect('subscriber'), {
    prefix,
    unheardForMs: 60_000,
  });
  const listener = new RedisTokenFeed(await bench.connect('queue'), subscriber, { prefix });
  listener.listen('a', () => undefined);
  await until(() => speaker.isHeard('a'));
  const closed = new Promise((resolve) => subscriber.once('close', resolve));
  subscriber.disconnect(true);
  await closed;
  await until(async () => !(await speaker.isHeard('a')));
  await until(() => speaker.isHeard('a'));
});

test('what is no piece is heard by nobody, and another connection brings the listeners back', async () => {
  const prefix = `${freshName()}:`;
  const [publisher, subscriber] = [await bench.connect('queue'), await bench.connect('subscriber')];
  const speaker = new RedisTokenFeed(publisher, await bench.connect('subscriber'), { prefix });
  const feed = new RedisTokenFeed(await bench.connect('queue'), subscriber, { prefix });
  const heard: TokenPiece[] = [];
  feed.listen('a', (one) => heard.push(one));
  await until(() => speaker.isHeard('a'));
  for (const message of ['{', '{}', 'null']) await publisher.publish(`${prefix}a`, message);
  speaker.send(piece('a', 0));
  await until(() => heard.length > 0);
  subscriber.disconnect(true);
  await until(async () => subscriber.status === 'ready' && (await speaker.isHeard('a')));
  speaker.send(piece('a', 6));
  await until(() => heard.length > 1);
  expect(heard).toEqual([piece('a', 0), piece('a', 6)]);
  subscriber.disconnect();
  publisher.disconnect();
  await until(() => publisher.status === 'end');
  expect(await speaker.isHeard('a')).toBe(false);
});
