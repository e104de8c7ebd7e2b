import { expect, test } from '@jest/globals';
import { Embedder } from '@baton/core';
import { EmbedderCatalog } from './embedder-catalog.js';

class RemoteEmbedder extends Embedder {
  readonly id = 'remote';
  embed = (): Promise<Float32Array[]> => Promise.resolve([]);

  constructor(
    readonly model: string,
    readonly dimensions: number,
  ) {
    super();
  }
}

test('has the local model in each of its sizes', async () => {
  const catalog = new EmbedderCatalog(null);
  for (const dimensions of [256, 512, 1_024]) {
    const [vector] = await catalog.open('local-hash-v1', dimensions).embed(['some text']);
    expect(vector).toHaveLength(dimensions);
  }
});

test('opens what is not local at the model service, once', () => {
  const catalog = new EmbedderCatalog((model, dimensions) => new RemoteEmbedder(model, dimensions));
  const opened = catalog.open('m', 8);
  expect(opened).toMatchObject({ model: 'm', dimensions: 8 });
  expect(catalog.open('m', 8)).toBe(opened);
  expect(catalog.open('m', 9)).not.toBe(opened);
  expect(catalog.open('local-hash-v1', 512).id).toBe('local-hash-v1');
});

test.each([
  ['a size that the local model has not', 'local-hash-v1', 300, '/dimensions'],
  ['a model where no service is configured', 'm', 512, '/model'],
])('refuses %s for good', (_, model, dimensions, pointer) => {
  expect(() => new EmbedderCatalog(null).open(model, dimensions)).toThrow(
    expect.objectContaining({
      code: 'invalid_request',
      options: { problems: [{ pointer, message: expect.any(String) }], retryable: false },
    }),
  );
});
