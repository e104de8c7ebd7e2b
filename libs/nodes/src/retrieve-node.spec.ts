import { beforeEach, describe, expect, test } from '@jest/globals';
import { Embedder, VectorStore, type JsonValue, type VectorHit } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { RetrieveNode } from './retrieve-node.js';

type Search = Parameters<VectorStore['search']>[0];

/** Remembers what it was asked, and finds two chunks. */
class FakeVectors extends VectorStore {
  readonly kind = 'fake';
  readonly searches: Search[] = [];

  search(query: Search): Promise<VectorHit[]> {
    this.searches.push(query);
    const hits: VectorHit[] = [
      { id: 'd1.0', documentId: 'd1', score: 0.9, payload: { title: 'Locks', source: null, index: 0, text: 'They expire.' } },
      { id: 'd2.4', documentId: 'd2', score: 0.4, payload: {} },
    ];
    return Promise.resolve(hits);
  }
  prepare = (): Promise<void> => Promise.resolve();
  upsert = (): Promise<void> => Promise.resolve();
  removeDocument = (): Promise<void> => Promise.resolve();
  count = (): Promise<number> => Promise.resolve(2);
  ping = (): Promise<boolean> => Promise.resolve(true);
}

class LengthEmbedder extends Embedder {
  readonly id = 'length';
  readonly dimensions = 1;
  embed = (texts: readonly string[]): Promise<Float32Array[]> =>
    Promise.resolve(texts.map((text) => Float32Array.of(text.length)));
}

let vectors: FakeVectors;
let node: RetrieveNode;
beforeEach(() => {
  vectors = new FakeVectors();
  node = new RetrieveNode(vectors, new LengthEmbedder());
});

test('numbers the passages nearest to the question of the run, within its tenant', async () => {
  const output = await node.execute(nodeContext({ tenantId: 't', input: { question: ' When? ' } }));
  expect(vectors.searches).toEqual([{ tenantId: 't', vector: Float32Array.of(5), limit: 5, documentIds: undefined }]);
  expect(output).toEqual({
    question: 'When?',
    passages: [
      { n: 1, chunk_id: 'd1.0', document_id: 'd1', title: 'Locks', text: 'They expire.', score: 0.9 },
      { n: 2, chunk_id: 'd2.4', document_id: 'd2', title: '', text: '', score: 0.4 },
    ],
  });
});

test('the config limits the search, and the run asks for more or fewer passages', async () => {
  const config = { top_k: 7, document_ids: ['d1'] };
  await node.execute(nodeContext({ input: { question: 'q' }, config }));
  await node.execute(nodeContext({ input: { question: 'q', top_k: 2 }, config }));
  expect(vectors.searches.map(({ limit, documentIds }) => [limit, documentIds])).toEqual([
    [7, ['d1']],
    [2, ['d1']],
  ]);
});

test('searches once: another attempt has what the first one found', async () => {
  const journal = new Map<string, JsonValue>();
  const first = await node.execute(nodeContext({ input: { question: 'q' } }, journal));
  const second = await node.execute(nodeContext({ input: { question: 'q' }, attempt: 2 }, journal));
  expect(second).toEqual(first);
  expect(vectors.searches).toHaveLength(1);
});

describe('the question', () => {
  test.each<[string, JsonValue, string]>([
    ['`question` before `title`', { question: 'q', title: 't' }, 'q'],
    ['`title` of a task', { title: ' t ', id: 3 }, 't'],
    ['the input itself when it is text', 'text', 'text'],
  ])('is %s', async (_, input, question) => {
    expect(await node.execute(nodeContext({ input }))).toMatchObject({ question });
  });

  test('is the query of the config before all', async () => {
    expect(await node.execute(nodeContext({ input: null, config: { query: 'fixed' } }))).toMatchObject({ question: 'fixed' });
  });

  test.each<JsonValue>([
    null,
    '  ',
    {},
    { question: '' },
    { question: 1 },
    { question: 'q', top_k: 0 },
    { title: 'x'.repeat(10_001) },
  ])('is missing in %j: an error for which no retry helps', async (input) => {
    const refused = node.execute(nodeContext({ input }));
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', options: { retryable: false } });
  });
});

test('a wrong config is an error that points at it', async () => {
  const refused = node.execute(nodeContext({ nodeId: 'find', input: 'q', config: { top_k: 0, other: 1 } }));
  await expect(refused).rejects.toMatchObject({
    code: 'workflow_invalid',
    message: expect.stringContaining('/nodes/find/config/top_k'),
    options: { retryable: false },
  });
});
