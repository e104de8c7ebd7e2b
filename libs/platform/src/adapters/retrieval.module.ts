import { Module, type DynamicModule } from '@nestjs/common';
import {
  ChatModel,
  Clock,
  DocumentIndexer,
  DocumentStore,
  Embedders,
  PassageSearch,
  RagConfigStore,
  RunStore,
  VectorStore,
  type RagSettings,
} from '@baton/core';
import { DocumentIngestor, DocumentPassages, DocumentRemover, DocumentSearcher, RagConfigs, VectorIndexer } from '@baton/engine';
import { QdrantVectorStore, SqliteVectorStore } from '@baton/vectors';
import { Closing } from '../closing.js';
import type { Config } from '../config.js';
import type { PlatformOptions } from '../platform-options.js';
import { defaultEmbedding, modelProviders } from './model-providers.js';
import { RAG_DEFAULTS } from '../tokens.js';

/** Passages that a search gives unless it or the tenant's configuration says otherwise. */
const DEFAULT_TOP_K = 5;

/** Documents, their vectors and the models: embedded, without a key or a service, unless services are configured. */
@Module({})
export class RetrievalModule {
  static forRoot({ config }: PlatformOptions): DynamicModule {
    const defaults: RagSettings = {
      collection: 'baton',
      ...defaultEmbedding(config),
      chunkSize: config.chunkSize,
      chunkOverlap: config.chunkOverlap,
      topK: DEFAULT_TOP_K,
    };
    const limits = { maxDocumentBytes: config.ingestMaxDocumentBytes, maxDocumentsPerCall: config.ingestMaxDocuments };
    return {
      module: RetrievalModule,
      providers: [
        { provide: RAG_DEFAULTS, useValue: defaults },
        ...modelProviders(config),
        { provide: VectorStore, useFactory: (closing: Closing) => openVectors(config, closing), inject: [Closing] },
        {
          provide: RagConfigs,
          useFactory: (configs: RagConfigStore, runs: RunStore, clock: Clock) =>
            new RagConfigs({ configs, runs, clock }, defaults),
          inject: [RagConfigStore, RunStore, Clock],
        },
        {
          provide: DocumentIndexer,
          useFactory: (documents: DocumentStore, vectors: VectorStore, embedders: Embedders, clock: Clock) =>
            new VectorIndexer(documents, vectors, embedders, clock),
          inject: [DocumentStore, VectorStore, Embedders, Clock],
        },
        {
          provide: DocumentIngestor,
          useFactory: (
            documents: DocumentStore,
            configs: RagConfigs,
            indexer: DocumentIndexer,
            remover: DocumentRemover,
            clock: Clock,
          ) => new DocumentIngestor(documents, configs, indexer, remover, clock, limits),
          inject: [DocumentStore, RagConfigs, DocumentIndexer, DocumentRemover, Clock],
        },
        {
          provide: DocumentPassages,
          useFactory: (documents: DocumentStore, configs: RagConfigs) => new DocumentPassages(documents, configs),
          inject: [DocumentStore, RagConfigs],
        },
        {
          provide: DocumentRemover,
          useFactory: (documents: DocumentStore, configs: RagConfigs, vectors: VectorStore, clock: Clock) =>
            new DocumentRemover(documents, configs, vectors, clock),
          inject: [DocumentStore, RagConfigs, VectorStore, Clock],
        },
        {
          provide: PassageSearch,
          useFactory: (configs: RagConfigs, vectors: VectorStore, embedders: Embedders) =>
            new DocumentSearcher(configs, vectors, embedders),
          inject: [RagConfigs, VectorStore, Embedders],
        },
      ],
      exports: [
        ...[RAG_DEFAULTS, Embedders, ChatModel, VectorStore],
        ...[RagConfigs, DocumentIndexer, DocumentIngestor, DocumentPassages, DocumentRemover, PassageSearch],
      ],
    };
  }
}

function openVectors({ qdrantUrl, qdrantApiKey, qdrantTimeoutMs, vectorPath }: Config, closing: Closing): VectorStore {
  if (qdrantUrl !== null) return new QdrantVectorStore({ url: qdrantUrl, apiKey: qdrantApiKey, timeoutMs: qdrantTimeoutMs });
  const vectors = new SqliteVectorStore({ path: vectorPath });
  closing.add('vectors', () => vectors.close());
  return vectors;
}
