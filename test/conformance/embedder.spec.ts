import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalEmbedder, OpenAiEmbedder, OpenAiEndpoint } from '@baton/agents';
import type { Embedder } from '@baton/core';
import * as fc from 'fast-check';
import { startOpenAiMock } from '../support/openai-mock/mock-server.js';

interface Opened {
  embedder: Embedder;
  close(): Promise<void>;
}

async function openLocal(): Promise<Opened> {
  return { embedder: new LocalEmbedder(), close: () => Promise.resolve() };
}

async function openOverMock(model: string, dimensions: number): Promise<Opened> {
  const mock = await startOpenAiMock();
  const endpoint = await OpenAiEndpoint.open({
    baseUrl: mock.url,
    apiKey: null,
    timeoutMs: 10_000,
    maxRetries: 0,
    maxConnections: 4,
    maxAnswerBytes: 16_777_216,
  });
  const close = async (): Promise<void> => {
    await endpoint.close();
    await mock.close();
  };
  return { embedder: new OpenAiEmbedder(endpoint, model, dimensions), close };
}

const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

describe.each([
  ['local-hash-v1', openLocal],
  ['openai:text-embedding-3-small:1536', () => openOverMock('text-embedding-3-small', 1_536)],
  ['openai:text-embedding-3-large:256', () => openOverMock('text-embedding-3-large', 256)],
  ['openai:other-model:1536', () => openOverMock('other-model', 1_536)],
])('the embedder %s', (id, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const embed = (...texts: string[]): Promise<Float32Array[]> => opened.embedder.embed(texts);

  test('gives vectors of its size and of unit length, of any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 3 }), async (texts) => {
        const vectors = await embed(...texts.map((text) => text.toWellFormed()));
        expect(vectors.map(({ length }) => length)).toEqual(texts.map(() => opened.embedder.dimensions));
        for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      }),
      { numRuns: 50 },
    );
    for (const vector of await embed('', ' ', '…')) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  test('puts texts near each other that are alike', async () => {
    const [question, alike, other] = await embed(
      'When does a task lock expire?',
      'Task locks expired.',
      'Prometheus scrapes metrics.',
    );
    expect(cosine(question!, alike!)).toBeGreaterThan(cosine(question!, other!) + 0.2);
  });

  test('gives for many texts what it gives for each, in order, each time', async () => {
    const texts = Array.from({ length: 300 }, (_, n) => `text number ${n}`);
    const together = await embed(...texts);
    expect(together).toHaveLength(300);
    for (const n of [0, 127, 128, 299]) expect(together[n]).toEqual((await embed(texts[n]!))[0]);
    expect(await embed()).toEqual([]);
  });

  test('is named after all that its vectors depend on', () => expect(opened.embedder.id).toBe(id));

  test('does not start when it was told to stop, and says why', async () => {
    const stopped = opened.embedder.embed(['a'], { signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });
});
