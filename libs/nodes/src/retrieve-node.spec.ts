import { beforeEach, describe, expect, test } from '@jest/globals';
import { PassageSearch, type JsonValue, type PassageHit, type PassageQuery } from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { RetrieveNode } from './retrieve-node.js';

/** Remembers what it was asked, and finds two passages. */
class FakeSearch extends PassageSearch {
  readonly searches: (PassageQuery & { tenantId: string })[] = [];

  search(tenantId: string, query: PassageQuery): Promise<PassageHit[]> {
    this.searches.push({ tenantId, ...query });
    return Promise.resolve([
      { chunkId: 'd1.0', documentId: 'd1', title: 'Locks', source: null, index: 0, text: 'They expire.', score: 0.9 },
      { chunkId: 'd2.4', documentId: 'd2', title: '', source: 'a.md', index: 4, text: '', score: 0.4 },
    ]);
  }
}

let passages: FakeSearch;
let node: RetrieveNode;
beforeEach(() => {
  passages = new FakeSearch();
  node = new RetrieveNode(passages);
});

test('numbers the passages nearest to the question of the run, within its tenant', async () => {
  const output = await node.execute(nodeContext({ tenantId: 't', input: { question: ' When? ' } }));
  expect(passages.searches).toEqual([{ tenantId: 't', query: 'When?' }]);
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
  expect(passages.searches.map(({ limit, documentIds }) => [limit, documentIds])).toEqual([
    [7, ['d1']],
    [2, ['d1']],
  ]);
});

test('searches once: another attempt has what the first one found', async () => {
  const journal = new Map<string, JsonValue>();
  const first = await node.execute(nodeContext({ input: { question: 'q' } }, journal));
  const second = await node.execute(nodeContext({ input: { question: 'q' }, attempt: 2 }, journal));
  expect(second).toEqual(first);
  expect(passages.searches).toHaveLength(1);
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
