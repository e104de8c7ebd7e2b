import { describe, expect, test } from '@jest/globals';
import { collectionName, RagSettingsSchema, sharesVectors, type RagSettings } from './rag-config.js';

const settings: RagSettings = {
  collection: 'baton',
  model: 'local-hash-v1',
  dimensions: 512,
  chunkSize: 1_200,
  chunkOverlap: 150,
  topK: 5,
};

describe('the name of a collection', () => {
  test('says all that its points depend on', () => {
    expect(collectionName(settings)).toBe('baton_local-hash-v1_512_1200-150');
  });

  test.each<Partial<RagSettings>>([
    { collection: 'other' },
    { model: 'another' },
    { dimensions: 256 },
    { chunkSize: 900 },
    { chunkOverlap: 100 },
  ])('differs with %j', (change) => {
    expect(sharesVectors(settings, { ...settings, ...change })).toBe(false);
  });

  test('is the same for another number of passages', () => {
    expect(sharesVectors(settings, { ...settings, topK: 9 })).toBe(true);
  });

  test('fits into a path, and tells models apart that would look alike', () => {
    const names = ['org/model:v1', 'org-model-v1', 'org_model:v1', 'x'.repeat(200)].map((model) =>
      collectionName({ ...settings, model }),
    );
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,200}$/);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('settings fit together', () => {
  expect(RagSettingsSchema.safeParse(settings).success).toBe(true);
  expect(RagSettingsSchema.safeParse({ ...settings, chunkOverlap: 601 }).error!.issues[0]!.path).toEqual(['chunkOverlap']);
  expect(RagSettingsSchema.safeParse({ ...settings, collection: 'a/b' }).success).toBe(false);
});
