import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LocalEmbedder } from './local-embedder.js';

const embedder = new LocalEmbedder();
const similarity = async (a: string, b: string): Promise<number> => {
  const [x, y] = await embedder.embed([a, b]);
  return x!.reduce((sum, value, at) => sum + value * y![at]!, 0);
};

test('the vector of a text is the same for ever: another formula needs another id', async () => {
  const [vector] = await embedder.embed(['The lock of a task expires after thirty seconds.']);
  const strongest = [...vector!].map((value, at) => ({ at, value })).toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
  expect(embedder.id).toBe('local-hash-v1');
  expect(strongest.slice(0, 5).map(({ at, value }) => `${at}: ${value.toFixed(4)}`)).toEqual([
    '164: -0.3614',
    '234: -0.3614',
    '326: -0.3614',
    '496: 0.3614',
    '210: -0.2434',
  ]);
});

test('every text has a vector of unit length', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      const [vector] = await embedder.embed([text]);
      expect(vector).toHaveLength(embedder.dimensions);
      expect(Math.hypot(...vector!)).toBeCloseTo(1, 5);
    }),
  );
});

describe('similarity', () => {
  const question = 'When does the lock of a task expire?';

  test('is higher for shared words, in whatever form, than for none', async () => {
    const related = await similarity(question, 'Task locks expired after thirty seconds.');
    const unrelated = await similarity(question, 'Prometheus scrapes the metrics endpoint.');
    expect(related).toBeGreaterThan(0.35);
    expect(Math.abs(unrelated)).toBeLessThan(0.15);
  });

  test('does not come from stop words', async () => {
    expect(await similarity('what is the', 'What is the doorbell of the journal?')).toBeLessThan(0.3);
    expect(await similarity('Is it the wine?', 'It is the journal.')).toBeLessThan(0.15);
  });

  test('survives a misspelling and an accent', async () => {
    expect(await similarity('checkpoint', 'checkpiont')).toBeGreaterThan(0.1);
    expect(await similarity('résumé', 'resume')).toBeCloseTo(1, 5);
  });

  test('feels the order of words a little', async () => {
    const ordered = await similarity('dead letter queue', 'a dead letter queue');
    expect(ordered).toBeGreaterThan(await similarity('dead letter queue', 'a queue letter dead'));
  });
});

test('one call gives the same as many, in order', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `text number ${index}`);
  const together = await embedder.embed(texts);
  const apart = await Promise.all(texts.map(async (text) => (await embedder.embed([text]))[0]!));
  expect(together).toEqual(apart);
  expect(await embedder.embed([])).toEqual([]);
});

test('stops when it is told to', async () => {
  const abortion = new AbortController();
  const embedding = embedder.embed(Array.from({ length: 1_000 }, String), { signal: abortion.signal });
  abortion.abort(new Error('stop'));
  await expect(embedding).rejects.toThrow('stop');
});
