import type { Clock, DocumentInfo, DocumentStore, VectorStore } from '@baton/core';
import type { RagConfigs } from './rag-configs.js';

/** Removals that one call of {@link DocumentRemover.finishAll} takes up. */
const REMOVALS_AT_ONCE = 1_000;

/**
 * Removes documents: marks one in SQL, whereupon nobody finds it in a list any more, then takes its vectors, its text and its chunks away. What a
 * crash leaves half removed keeps its mark, and is finished later.
 */
export class DocumentRemover {
  constructor(
    private readonly documents: DocumentStore,
    private readonly configs: RagConfigs,
    private readonly vectors: VectorStore,
    private readonly clock: Clock,
  ) {}

  /**
   * False where there is no such document. Safe to repeat.
   * @throws BatonError `storage_unavailable`, or `vectors_unavailable`: the document is marked then, and its removal goes on by itself.
   */
  async remove(tenantId: string, documentId: string): Promise<boolean> {
    const document = await this.documents.markRemoved(tenantId, documentId, this.clock.now());
    if (document === null) return false;
    await this.finish(document);
    return true;
  }

  /** Takes away what is left of a document that is marked: its row last, so that nothing is forgotten. */
  async finish({ tenantId, id }: DocumentInfo): Promise<void> {
    for (const collection of await this.configs.collections(tenantId)) {
      await this.vectors.removeDocument(collection, tenantId, id);
    }
    await this.documents.remove(tenantId, id);
  }

  /** Finishes the removals that were cut off; how many there were. */
  async finishAll(): Promise<number> {
    const marked = await this.documents.listRemoved(REMOVALS_AT_ONCE);
    for (const document of marked) await this.finish(document);
    return marked.length;
  }
}
