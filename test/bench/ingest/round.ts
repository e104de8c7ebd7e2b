import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@baton/core';
import { SqliteVectorStore } from '@baton/vectors';
import { call, textOf } from '../../support/client.js';
import { startCluster, type Cluster } from '../../support/cluster.js';
import { eventually } from '../../support/eventually.js';
import { sendFiles, type SentFile } from '../../support/ingest.js';

export interface RoundOptions {
  corpus: readonly SentFile[];
  /** Files that are done when the worker is killed, each time. */
  killsAt: readonly number[];
  queries: number;
}

export interface Round {
  /** From the request to the 202: all files are in SQL. */
  acceptedMs: number;
  /** From the 202 to the end of the run. */
  ingestedMs: number;
  output: {
    files: number;
    ingested: number;
    duplicates: number;
    refused: { name: string; code: string }[];
    refused_count: number;
  };
  claims: number;
  chunks: number;
  /** Of searches one after the other, in order of time. */
  searchMs: number[];
}

const ENDS_WITHIN_MS = 600_000;

/** One durable ingest on fresh servers, checked for what is missing or there twice, and searched. */
export async function measureRound(options: RoundOptions): Promise<Round> {
  const dir = mkdtempSync(join(tmpdir(), 'baton-bench-ingest-'));
  const vectorPath = join(dir, 'vectors.sqlite');
  // It refuses what comes too fast, as it does by default.
  const env = { VECTOR_PATH: vectorPath, MAX_EVENT_LOOP_DELAY_MS: '500' };
  const cluster = await startCluster({ apis: 1, workers: 1, env });
  try {
    return await measure(cluster, vectorPath, options);
  } finally {
    await cluster.stop();
    rmSync(dir, { recursive: true });
  }
}

async function measure(cluster: Cluster, vectorPath: string, { corpus, killsAt, queries }: RoundOptions): Promise<Round> {
  const api = cluster.apis[0]!.url;
  const sentAt = performance.now();
  const sent = await sendFiles(api, corpus);
  if (sent.status !== 202) throw new Error(`the batch was answered ${sent.status}: ${JSON.stringify(sent.body)}`);
  const acceptedAt = performance.now();
  const run = `/api/v1/runs/${textOf(sent.body, 'run_id')}`;
  const journal = async (): Promise<JsonObject[]> =>
    (await call(api, 'GET', `${run}/journal?limit=1000`)).body['items'] as JsonObject[];
  const count = (events: JsonObject[], type: string): number => events.filter((event) => event['type'] === type).length;
  for (const threshold of killsAt) {
    await eventually(async () => count(await journal(), 'step.completed') >= threshold, `${threshold} files`, ENDS_WITHIN_MS);
    await cluster.workers.at(-1)!.kill();
    await cluster.addWorker();
  }
  await eventually(async () => (await call(api, 'GET', run)).body['finished_at'] !== null, 'the end', ENDS_WITHIN_MS);
  const endedAt = performance.now();
  const { status, output } = (await call(api, 'GET', run)).body;
  if (status !== 'completed') throw new Error(`the run is ${JSON.stringify(status)}`);
  const outcome = output as unknown as Round['output'];
  const chunks = await checkIndex(api, vectorPath, outcome.ingested);
  return {
    acceptedMs: acceptedAt - sentAt,
    ingestedMs: endedAt - acceptedAt,
    output: outcome,
    claims: count(await journal(), 'run.claimed'),
    chunks,
    searchMs: await search(api, queries),
  };
}

/** @throws Error when a document, or a chunk of one, is missing in the index or there twice. */
async function checkIndex(api: string, vectorPath: string, ingested: number): Promise<number> {
  const documents: JsonObject[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await call(api, 'GET', `/api/documents?limit=200${cursor}`);
    documents.push(...(body['items'] as JsonObject[]));
    cursor = body['next_cursor'] === null ? null : `&cursor=${textOf(body, 'next_cursor')}`;
  }
  const vectors = new SqliteVectorStore({ path: vectorPath });
  try {
    const [collection] = await vectors.list();
    let chunks = 0;
    for (const document of documents) {
      const there = await vectors.count(collection!, 'default', textOf(document, 'id'));
      if (there !== document['chunks']) throw new Error(`${textOf(document, 'title')}: ${there} chunks in the index`);
      chunks += there;
    }
    const all = await vectors.count(collection!, 'default');
    const hashes = new Set(documents.map((document) => document['content_hash']));
    if (documents.length !== ingested || hashes.size !== ingested || all !== chunks) {
      throw new Error(
        `${ingested} ingested, ${documents.length} listed, ${hashes.size} distinct; ${chunks} chunks, ${all} in the index`,
      );
    }
    return chunks;
  } finally {
    vectors.close();
  }
}

/** Asks words from the documents themselves, one query after the other; the first ten warm up. */
async function search(api: string, queries: number): Promise<number[]> {
  const { body } = await call(api, 'GET', '/api/documents?limit=200');
  const ids = (body['items'] as JsonObject[]).map((document) => textOf(document, 'id'));
  const times: number[] = [];
  for (let query = -10; query < queries; query += 1) {
    const id = ids[Math.abs(query * 7) % ids.length]!;
    const text = await (await fetch(`${api}/api/documents/${id}/content`)).text();
    const words = text.split(/\s+/);
    const start = (Math.abs(query) * 131) % Math.max(1, words.length - 8);
    const startedAt = performance.now();
    const reply = await call(api, 'POST', '/api/search', { query: words.slice(start, start + 8).join(' '), top_k: 5 });
    if (reply.status !== 200) throw new Error(`a search was answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    if (query >= 0) times.push(performance.now() - startedAt);
  }
  return times;
}
