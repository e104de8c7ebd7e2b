import { Module, type DynamicModule } from '@nestjs/common';
import { ChatModel, Clock, DocumentStore, Embedder, VectorStore } from '@baton/core';
import { DocumentIngestor, DocumentSearcher } from '@baton/engine';
import { SqliteVectorStore } from '@baton/vectors';
import { Closing } from '../closing.js';
import type { PlatformOptions } from '../platform-options.js';
import { modelProviders } from './model-providers.js';

/** Documents, their vectors and the models: embedded, without a key or a service, unless others are configured. */
@Module({})
export class RetrievalModule {
  static forRoot({ config }: PlatformOptions): DynamicModule {
    const limits = {
      maxDocumentBytes: config.ingestMaxDocumentBytes,
      maxDocumentsPerCall: config.ingestMaxDocuments,
      chunkChars: config.chunkSize,
      chunkOverlapChars: config.chunkOverlap,
    };
    return {
      module: RetrievalModule,
      providers: [
        ...modelProviders(config),
        {
          provide: VectorStore,
          useFactory: async (embedder: Embedder, closing: Closing) => {
            const vectors = new SqliteVectorStore({ path: config.vectorPath });
            closing.add('vectors', () => vectors.close());
            await vectors.prepare(embedder.dimensions);
            return vectors;
          },
          inject: [Embedder, Closing],
        },
        {
          provide: DocumentIngestor,
          useFactory: (documents: DocumentStore, vectors: VectorStore, embedder: Embedder, clock: Clock) =>
            new DocumentIngestor(documents, vectors, embedder, clock, limits),
          inject: [DocumentStore, VectorStore, Embedder, Clock],
        },
        {
          provide: DocumentSearcher,
          useFactory: (vectors: VectorStore, embedder: Embedder) => new DocumentSearcher(vectors, embedder),
          inject: [VectorStore, Embedder],
        },
      ],
      exports: [Embedder, ChatModel, VectorStore, DocumentIngestor, DocumentSearcher],
    };
  }
}
