import { EmbedderCatalog, LOCAL_EMBEDDING } from '@baton/agents';
import { SystemClock, type RagSettings, type VectorStore } from '@baton/core';
import { DocumentIngestor, DocumentRemover, DocumentSearcher, RagConfigs, VectorIndexer } from '@baton/engine';
import { SqlDocumentStore, SqlRagConfigStore, SqlRunStore, type Database } from '@baton/storage';

export const LOCAL_SETTINGS: RagSettings = {
  collection: 'test',
  model: LOCAL_EMBEDDING,
  dimensions: 512,
  chunkSize: 900,
  chunkOverlap: 120,
  topK: 5,
};

/** Ingest and search over a database and a vector store, wired as the platform does it. */
export function openRetrieval(database: Database, vectors: VectorStore, defaults: RagSettings = LOCAL_SETTINGS) {
  const clock = new SystemClock();
  const documents = new SqlDocumentStore(database);
  const configs = new SqlRagConfigStore(database);
  const runs = new SqlRunStore(database);
  const embedders = new EmbedderCatalog(null);
  const reader = new RagConfigs({ configs, runs, clock }, defaults);
  const indexer = new VectorIndexer(documents, vectors, embedders, clock);
  const remover = new DocumentRemover(documents, reader, vectors, clock);
  const ingestor = new DocumentIngestor(documents, reader, indexer, remover, clock);
  const searcher = new DocumentSearcher(reader, vectors, embedders);
  return { clock, documents, configs, runs, embedders, reader, indexer, ingestor, searcher };
}
