import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { call, textOf } from '../support/client.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalViolations, type SeenEvent } from '../support/journal-checks.js';
import { QdrantStandIn } from '../support/qdrant-stand-in/index.js';

type Seen = SeenEvent & { payload: JsonObject };

const DOCUMENTS = 200;
const CALL = 100;
const OLD = 'baton_local-hash-v1_512_1200-150';
const NEW = 'baton_local-hash-v1_256_400-50';

/** A text of several chunks that no other has, with a word of its own to ask for. */
const text = (n: number): string =>
  [1, 2, 3]
    .map(
      (part) =>
        `# Part ${part} of ${n}\n\nThe passport of traveller${n} lies in drawer ${part}. ${'It is kept dry. '.repeat(15)}`,
    )
    .join('\n\n');

describe('a worker that is killed while it embeds anew', () => {
  let standIn: QdrantStandIn;
  let cluster: Cluster;
  let api: string;

  beforeAll(async () => {
    standIn = await QdrantStandIn.start({ apiKey: 'a-key' });
    cluster = await startCluster({ apis: 1, workers: 1, env: { QDRANT_URL: standIn.url, QDRANT_API_KEY: 'a-key' } });
    api = cluster.apis[0]!.url;
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    await standIn.stop();
  });

  const ingest = async (documents: JsonValue[]): Promise<void> => {
    const { body } = await call(api, 'POST', '/api/ingest', { documents });
    expect(body).toMatchObject({ ingested: documents.length, refused: 0 });
  };
  const search = async (query: string): Promise<JsonObject[]> =>
    (await call(api, 'POST', '/api/search', { query })).body['items'] as JsonObject[];
  const config = async (): Promise<JsonObject> => (await call(api, 'GET', '/api/rag/config')).body;
  const journalOf = async (runId: string): Promise<Seen[]> =>
    (await call(api, 'GET', `/api/v1/runs/${runId}/journal?limit=1000`)).body['items'] as unknown as Seen[];
  const pages = (events: readonly SeenEvent[]): number => events.filter(({ type }) => type === 'step.completed').length;

  it('leaves a run that the next ones finish, while searches go on', async () => {
    const documents = Array.from({ length: DOCUMENTS }, (_, n) => ({ text: text(n), media_type: 'text/markdown' }));
    for (let at = 0; at < DOCUMENTS; at += CALL) await ingest(documents.slice(at, at + CALL));
    const before = standIn.collections.get(OLD)!.points.size;

    const reply = await call(api, 'PUT', '/api/rag/config', { revision: 0, dimensions: 256, chunk_size: 400, chunk_overlap: 50 });
    expect(reply.status).toBe(202);
    const runId = textOf(reply.body, 'reembed_run_id');
    for (const threshold of [4, 9]) {
      await eventually(async () => pages(await journalOf(runId)) >= threshold, `${threshold} steps are journaled`, 30_000);
      await cluster.workers.at(-1)!.kill();
      expect(await config()).toMatchObject({ status: 'reembedding', dimensions: 512, chunk_size: 1_200 });
      expect(standIn.collections.get(OLD)!.points.size).toBeGreaterThanOrEqual(before);
      expect((await search('traveller17'))[0]!['text']).toContain('traveller17');
      expect((await call(api, 'PUT', '/api/rag/config', { revision: 1, top_k: 3 })).status).toBe(409);
      await ingest([{ text: text(1_000 + threshold), media_type: 'text/markdown' }]);
      await cluster.addWorker();
    }
    await eventually(async () => (await config())['status'] !== 'reembedding', 'the run has ended', 60_000);

    expect(await config()).toMatchObject({ status: 'active', dimensions: 256, chunk_size: 400, revision: 2, next: null });
    const events = await journalOf(runId);
    expect(journalViolations(runId, events)).toEqual([]);
    const steps = events.filter(({ type }) => type === 'step.completed').map(({ payload }) => payload['key']);
    expect(new Set(steps).size).toBe(steps.length);
    const { items } = (await call(api, 'GET', '/api/documents?limit=200')).body as { items: JsonObject[] };
    expect(items).toHaveLength(DOCUMENTS);
    for (const n of [0, 17, 199, 1_004, 1_009]) {
      expect((await search(`traveller${n}`))[0]!['text']).toContain(`traveller${n} `);
    }
    const points = [...standIn.collections.get(NEW)!.points.values()].map(({ payload }) => payload['chunk_id']);
    expect(new Set(points).size).toBe(points.length);
    expect(new Set([...standIn.collections.get(NEW)!.points.values()].map(({ payload }) => payload['document_id'])).size).toBe(
      DOCUMENTS + 2,
    );
    expect(standIn.collections.get(OLD)!.points.size).toBe(0);
    expect(standIn.violations).toEqual([]);
  }, 120_000);
});
