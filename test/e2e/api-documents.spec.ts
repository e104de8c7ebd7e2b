import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';

describe('documents', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi({ env: { INGEST_MAX_DOCUMENT_BYTES: '2048' } });
  });
  afterAll(() => api.close());

  it('takes one in, once', async () => {
    const document = {
      text: 'The baton is the exclusive right to advance a run.',
      title: 'Glossary',
      source: 'docs/glossary.md',
    };
    const first = await call(api.url, 'POST', '/api/ingest', document);
    expect(first.body).toMatchObject({
      ingested: 1,
      refused: 0,
      documents: [{ status: 'ingested', title: 'Glossary', created: true }],
    });
    const again = await call(api.url, 'POST', '/api/ingest', document);
    expect(again.body).toMatchObject({ ingested: 1, documents: [{ created: false }] });
    const { body } = await call(api.url, 'GET', '/api/documents');
    expect(body['items']).toEqual([
      expect.objectContaining({ source: 'docs/glossary.md', chunks: 1, indexed_at: expect.any(String) }),
    ]);
  });

  it('takes many in, and says of each what became of it', async () => {
    const documents: JsonValue = [
      { text: '# Lease\n\nA sign of life.', media_type: 'text/markdown' },
      { text: 'x'.repeat(3_000), title: 'Large' },
    ];
    const { body } = await call(api.url, 'POST', '/api/ingest', { documents });
    expect(body).toMatchObject({
      ingested: 1,
      refused: 1,
      documents: [{ status: 'ingested' }, { status: 'refused', title: 'Large', error: { code: 'payload_too_large' } }],
    });
  });

  it('finds the passage that is nearest', async () => {
    const { body } = await call(api.url, 'POST', '/api/search', { query: 'exclusive right to advance', top_k: 1 });
    expect(body['items']).toEqual([
      expect.objectContaining({ title: 'Glossary', score: expect.any(Number), text: expect.stringContaining('baton') }),
    ]);
  });

  it('shows a document passage by passage', async () => {
    const { body: found } = await call(api.url, 'POST', '/api/search', { query: 'a sign of life', top_k: 1 });
    const [hit] = found['items'] as JsonObject[];
    const path = `/api/documents/${textOf(hit!, 'document_id')}/passages`;
    const { chunk_id, index, text } = hit!;
    expect((await call(api.url, 'GET', path)).body).toEqual({ items: [{ chunk_id, index, text }], next_from: null });
    expect((await call(api.url, 'GET', `${path}?from=1`)).body).toEqual({ items: [], next_from: null });
    expect((await call(api.url, 'GET', '/api/documents/none/passages')).status).toBe(404);
  });

  it('counts what it took in', async () => {
    const text = await (await fetch(`${api.url}/metrics`)).text();
    expect(text).toMatch(/^baton_ingests_total [1-9]/m);
  });

  it('refuses an empty query', async () => {
    expect((await call(api.url, 'POST', '/api/search', { query: ' ' })).status).toBe(400);
  });
});
