import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';
import { sendFiles } from '../support/ingest.js';

const MIB = 1_048_576;
const WAIT = { prefer: 'wait=30' };

describe('ingest by a run', () => {
  let api: ApiServer;

  beforeAll(async () => {
    const limits = { INGEST_MAX_FILE_BYTES: String(MIB), INGEST_MAX_BATCH_BYTES: String(64 * MIB), INGEST_MAX_FILES: '1000' };
    api = await startApi({ worker: true, env: { INGEST_MAX_DOCUMENTS: '2', ...limits } });
  });
  afterAll(() => api.close());

  const outputOf = (body: JsonObject): JsonObject => body['output'] as JsonObject;

  it('takes files, names the bad ones, and goes on with the rest', async () => {
    const { status, headers, body } = await sendFiles(
      api.url,
      [
        { name: 'guide/locks.md', content: '# Locks\n\nThey expire.', type: 'text/markdown' },
        { name: 'virus.bin', content: Buffer.from([1, 2, 0, 0, 3]) },
        { name: 'large.txt', content: 'x'.repeat(MIB + 1) },
        { name: 'empty.txt', content: '' },
        { name: 'copy.md', content: '# Locks\r\n\r\nThey expire.\n', type: 'text/markdown' },
        { name: 'latin.txt', content: Buffer.from('Größe der Sperre', 'latin1'), type: 'text/plain' },
      ],
      WAIT,
    );
    expect(status).toBe(200);
    expect(headers.get('preference-applied')).toBe('wait=30');
    expect(body['status']).toBe('completed');
    expect(outputOf(body)).toEqual({
      files: 6,
      ingested: 2,
      duplicates: 1,
      refused: [
        { name: 'virus.bin', code: 'document_unsupported', message: 'The file is binary' },
        { name: 'large.txt', code: 'payload_too_large', message: `The file has more than ${MIB} bytes` },
        { name: 'empty.txt', code: 'document_empty', message: 'The file is empty' },
      ],
      refused_count: 3,
    });
    const { body: page } = await call(api.url, 'GET', '/api/documents?source_prefix=guide/');
    expect(page['items']).toEqual([
      expect.objectContaining({ title: 'Locks', source: 'guide/locks.md', media_type: 'text/markdown' }),
    ]);
  });

  it('answers 202 with the run, whose journal shows each file', async () => {
    const { status, headers, body } = await sendFiles(api.url, [{ name: 'a.txt', content: 'A text of its own.' }]);
    expect(status).toBe(202);
    const run = `/api/v1/runs/${textOf(body, 'run_id')}`;
    expect(headers.get('location')).toBe(run);
    const stream = await fetch(`${api.url}${run}/events`, { signal: AbortSignal.timeout(10_000) });
    const events = await stream.text();
    expect(events).toMatch(/event: step\.completed\ndata: .*"key":"file-0","output":\{"status":"ingested"/);
    expect(events).toMatch(/event: run\.completed/);
    expect((await call(api.url, 'GET', run)).body).toMatchObject({ input: { files: 1, bytes: 18 }, output: { ingested: 1 } });
  });

  it('takes many documents of a JSON body, or fewer on request, in the same way', async () => {
    const documents = ['one', 'two', 'three'].map((word) => ({ text: `Just ${word}.`, source: `json/${word}` }));
    const many = await call(api.url, 'POST', '/api/v1/ingest', { documents }, WAIT);
    expect(outputOf(many.body)).toMatchObject({ files: 3, ingested: 3 });
    const asked = await call(api.url, 'POST', '/api/ingest', documents[0], { prefer: 'respond-async, wait=30' });
    expect(outputOf(asked.body)).toMatchObject({ files: 1, ingested: 0, duplicates: 1 });
    expect((await call(api.url, 'POST', '/api/ingest', documents[0])).body).toMatchObject({ ingested: 1, refused: 0 });
  });

  it('starts one run for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'batch-1' };
    const first = await sendFiles(api.url, [{ name: 'k.txt', content: 'Keyed.' }], headers);
    const again = await sendFiles(api.url, [{ name: 'k.txt', content: 'Keyed.' }], headers);
    expect(again.body['run_id']).toBe(first.body['run_id']);
    const other = await sendFiles(api.url, [{ name: 'k.txt', content: 'Other.' }], headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('takes a file without a name', async () => {
    const part = 'Content-Disposition: form-data; name="f"\r\nContent-Type: application/octet-stream';
    const answer = await fetch(`${api.url}/api/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: `--b\r\n${part}\r\n\r\nNameless.\r\n--b--\r\n`,
    });
    expect([answer.status, await answer.json()]).toEqual([202, expect.objectContaining({ run_id: expect.any(String) })]);
  });

  it('refuses what is no file, an empty batch, a broken body, and too many files', async () => {
    const form = new FormData();
    form.append('note', 'just a field');
    const field = await fetch(`${api.url}/api/ingest`, { method: 'POST', body: form });
    expect(await field.json()).toMatchObject({ code: 'invalid_request', problems: [{ pointer: '/note' }] });
    expect(await sendFiles(api.url, [])).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const broken = await fetch(`${api.url}/api/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\ncut off',
    });
    expect(await broken.json()).toMatchObject({ status: 400, problems: [{ message: expect.stringMatching(/multipart/) }] });
    const many = Array.from({ length: 1_001 }, (_, index) => ({ name: `${index}.txt`, content: 'x' }));
    expect(await sendFiles(api.url, many)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    expect((await fetch(`${api.url}/api/ingest`, { method: 'POST' })).status).toBe(400);
  });

  it('refuses a run of the workflow that has no files', async () => {
    const { body } = await call(api.url, 'POST', '/api/v1/runs', { workflow: 'ingest', input: { files: 3 } });
    const journal = `${api.url}/api/v1/runs/${textOf(body, 'run_id')}/events`;
    expect(await (await fetch(journal, { signal: AbortSignal.timeout(10_000) })).text()).toMatch(
      /run\.failed[^]*The run has no upload 0/,
    );
  });

  it('takes 1,000 files in a batch', async () => {
    const files = Array.from({ length: 1_000 }, (_, index) => ({
      name: `many/${index}.txt`,
      content: `File number ${index} of many.`,
    }));
    const { body } = await sendFiles(api.url, files, { prefer: 'wait=60' });
    expect(outputOf(body)).toEqual({ files: 1_000, ingested: 1_000, duplicates: 0, refused: [], refused_count: 0 });
  }, 90_000);
});

describe('a document', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  async function ingest(text: string): Promise<string> {
    const { body } = await call(api.url, 'POST', '/api/ingest', { text, media_type: 'text/markdown', source: 'a.md' });
    return textOf((body['documents'] as JsonObject[])[0]!, 'id');
  }

  it('can be read, as a whole', async () => {
    const id = await ingest('# Whole\r\n\r\nText.');
    expect((await call(api.url, 'GET', `/api/documents/${id}`)).body).toMatchObject({ id, title: 'Whole', source: 'a.md' });
    const content = await fetch(`${api.url}/api/documents/${id}/content`);
    expect([content.headers.get('content-type'), await content.text()]).toEqual([
      'text/markdown; charset=utf-8',
      '# Whole\n\nText.',
    ]);
    for (const path of ['/api/documents/none', '/api/documents/none/content']) {
      expect((await call(api.url, 'GET', path)).body).toMatchObject({ status: 404, code: 'document_not_found' });
    }
  });

  it('can be removed, once and again, and come back', async () => {
    const id = await ingest('The ephemeral passage about quokkas.');
    const found = async (): Promise<unknown[]> => {
      const { body } = await call(api.url, 'POST', '/api/search', { query: 'ephemeral quokkas', top_k: 50 });
      return (body['items'] as JsonObject[]).filter((hit) => textOf(hit, 'text').includes('quokkas'));
    };
    expect(await found()).toHaveLength(1);
    expect((await call(api.url, 'DELETE', `/api/documents/${id}`)).status).toBe(204);
    expect((await call(api.url, 'DELETE', `/api/documents/${id}`)).status).toBe(204);
    expect(await found()).toEqual([]);
    expect((await call(api.url, 'GET', `/api/documents/${id}`)).status).toBe(404);
    expect(await ingest('The ephemeral passage about quokkas.')).not.toBe(id);
    expect(await found()).toHaveLength(1);
  });
});
