import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PassageHit, PassageSearch, VectorStore } from '@baton/core';
import { openDatabase, type Database } from '@baton/storage';
import { QdrantVectorStore, SqliteVectorStore } from '@baton/vectors';
import { handbook, HANDBOOK_QUESTIONS } from '../support/handbook.js';
import { QdrantStandIn } from '../support/qdrant-stand-in/index.js';
import { openRetrieval } from '../support/retrieval.js';

const databases: Database[] = [];
let standIn: QdrantStandIn;
let embedded: SqliteVectorStore;
let overEmbedded: PassageSearch;
let overQdrant: PassageSearch;

beforeAll(async () => {
  standIn = await QdrantStandIn.start();
  embedded = new SqliteVectorStore({ path: ':memory:' });
  overEmbedded = await searcherOver(embedded);
  overQdrant = await searcherOver(new QdrantVectorStore({ url: standIn.url }));
}, 30_000);
afterAll(async () => {
  embedded.close();
  await Promise.all(databases.map((database) => database.close()));
  await standIn.stop();
});

async function searcherOver(vectors: VectorStore): Promise<PassageSearch> {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  databases.push(database);
  await database.migrate();
  const { ingestor, searcher } = openRetrieval(database, vectors);
  await ingestor.ingest('default', handbook());
  return searcher;
}

/** What a person reads of a hit; ids differ, since each place took the documents in by itself. */
const shown = (hits: readonly PassageHit[]) => hits.map(({ source, index, text }) => ({ source, index, text }));

test(`the embedded store and Qdrant give the same passages to ${HANDBOOK_QUESTIONS.length} questions`, async () => {
  for (const { question } of HANDBOOK_QUESTIONS) {
    const here = await overEmbedded.search('default', { query: question });
    const there = await overQdrant.search('default', { query: question });
    expect(here).toHaveLength(5);
    expect(shown(there)).toEqual(shown(here));
    there.forEach(({ score }, at) => expect(score).toBeCloseTo(here[at]!.score, 5));
  }
  expect(standIn.violations).toEqual([]);
});
