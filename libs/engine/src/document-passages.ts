import type { Chunk, DocumentInfo, DocumentStore } from '@baton/core';
import { chunksOfDocument } from './cut-document.js';
import type { RagConfigs } from './rag-configs.js';

/** Reads documents passage by passage, cut in the way that searches find them now. */
export class DocumentPassages {
  constructor(
    private readonly documents: Pick<DocumentStore, 'textOf' | 'chunksOf'>,
    private readonly configs: Pick<RagConfigs, 'read'>,
  ) {}

  /** Up to `limit` of them, in order, from the position `from` on. */
  async read(document: DocumentInfo, { from, limit }: { from: number; limit: number }): Promise<Chunk[]> {
    const { active } = await this.configs.read(document.tenantId);
    return (await chunksOfDocument(this.documents, document, active)).slice(from, from + limit);
  }
}
