import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { JsonObject } from '@baton/core';
import { startApi, type ApiServer } from '../support/api-server.js';
import { call, textOf } from '../support/client.js';

const LARGE = {
  final_synthesis: `Über alles. ${'Und mehr. '.repeat(200)}`,
  agent_results: [{ agent_id: 'w1', content: 'Found.' }],
};
const SHA256 = createHash('sha256').update(JSON.stringify(LARGE)).digest('hex');

describe('what runs carry and leave behind', () => {
  let api: ApiServer;
  let runId: string;

  const get = async (path: string): Promise<JsonObject> => (await call(api.url, 'GET', path)).body;
  const itemsOf = async (path: string): Promise<JsonObject[]> => (await get(path))['items'] as JsonObject[];

  beforeAll(async () => {
    api = await startApi({ worker: true, env: { BLOB_STORE: 'fs', BLOB_THRESHOLD_BYTES: '1024', REQUEST_TIMEOUT_MS: '60000' } });
    const nodes: JsonObject[] = [
      { id: 'found', type: 'transform', config: { expression: 'input' } },
      {
        id: 'report',
        type: 'report',
        depends_on: ['found'],
        config: { from: 'nodes.found.output', title: 'Übersicht', formats: ['markdown'] },
      },
    ];
    const definition = { name: 'research', output: 'found', nodes };
    expect((await call(api.url, 'POST', '/api/v1/workflows', definition)).status).toBe(201);
    const started = await call(api.url, 'POST', '/api/v1/runs', { workflow: 'research', input: LARGE });
    runId = textOf(started.body, 'run_id');
    for (;;) if ((await get(`/api/v1/runs/${runId}`))['status'] === 'completed') break;
  }, 60_000);
  afterAll(() => api.close());

  it('shows large payloads as references with a link, and the values on request', async () => {
    const reference = {
      $blob: { sha256: SHA256, bytes: Buffer.byteLength(JSON.stringify(LARGE)), media_type: 'application/json' },
    };
    const linked = { $blob: { ...reference.$blob, href: `/api/v1/payloads/${SHA256}` } };
    expect(await get(`/api/v1/runs/${runId}`)).toMatchObject({ input: linked, output: linked });
    expect(await get(`/api/v1/runs/${runId}?values=true`)).toMatchObject({ input: LARGE, output: LARGE });
    expect(await get(`/api/v1/payloads/${SHA256}`)).toEqual(LARGE);
    const journal = await itemsOf(`/api/v1/runs/${runId}/journal`);
    expect(journal.find(({ type, node_id: id }) => type === 'node.completed' && id === 'found')).toMatchObject({
      ...{ payload: { output: reference } },
    });
    for (const none of ['0'.repeat(64), '..', 'x'])
      expect((await call(api.url, 'GET', `/api/v1/payloads/${none}`)).status).toBe(404);
  });

  it('lists artifacts, and gives them as files to keep', async () => {
    const [artifact] = await itemsOf(`/api/v1/runs/${runId}/artifacts`);
    expect(artifact).toMatchObject({
      run_id: runId,
      node_id: 'report',
      name: 'Übersicht.md',
      media_type: 'text/markdown; charset=utf-8',
    });
    expect(await itemsOf('/api/v1/artifacts')).toEqual([artifact]);
    const response = await fetch(`${api.url}/api/v1/artifacts/${textOf(artifact!, 'id')}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ 'content-type': 'text/markdown; charset=utf-8', 'x-content-type-options': 'nosniff' },
      'content-disposition': `attachment; filename="_bersicht.md"; filename*=UTF-8''%C3%9Cbersicht.md`,
    });
    const text = await response.text();
    expect(text).toContain('# Übersicht');
    expect(text).toContain(LARGE.final_synthesis.trim());
    expect(createHash('sha256').update(text).digest('hex')).toBe(artifact!['sha256']);
    expect((await call(api.url, 'GET', '/api/v1/artifacts/none')).status).toBe(404);
  });

  it('makes reports of a result, once', async () => {
    const make = () => call(api.url, 'POST', `/api/v1/runs/${runId}/reports`, { formats: ['docx', 'markdown'] });
    const made = (await make()).body['items'] as JsonObject[];
    expect(made.map(({ name, node_id: id }) => [name, id])).toEqual([
      ['research.docx', null],
      ['research.md', null],
    ]);
    expect((await make()).body['items']).toEqual(made);
    expect(await itemsOf(`/api/v1/runs/${runId}/artifacts`)).toHaveLength(3);
  });
});
