import { DocumentStore, type Chunk, type DocumentInfo } from '@baton/core';

/** Documents in memory, for tests of what stands on the port. */
export class MemoryDocumentStore extends DocumentStore {
  private readonly documents = new Map<string, DocumentInfo>();
  private readonly chunks = new Map<string, readonly Chunk[]>();

  save(
    document: Omit<DocumentInfo, 'indexedAt'>,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }> {
    const existing = this.all(document.tenantId).find(({ contentHash }) => contentHash === document.contentHash);
    if (existing !== undefined) return Promise.resolve({ document: { ...existing }, created: false });
    const saved = { ...document, indexedAt: null };
    this.documents.set(document.id, saved);
    this.chunks.set(document.id, chunks);
    return Promise.resolve({ document: { ...saved }, created: true });
  }

  markIndexed(documentId: string, at: number): Promise<void> {
    const document = this.documents.get(documentId);
    if (document !== undefined) document.indexedAt = at;
    return Promise.resolve();
  }

  find(tenantId: string, documentId: string): Promise<DocumentInfo | null> {
    return Promise.resolve(this.all(tenantId).find(({ id }) => id === documentId) ?? null);
  }

  chunksOf(documentId: string): Promise<Chunk[]> {
    return Promise.resolve([...(this.chunks.get(documentId) ?? [])]);
  }

  list(tenantId: string, page: { limit: number }): Promise<DocumentInfo[]> {
    return Promise.resolve(this.all(tenantId).slice(0, page.limit));
  }

  remove(tenantId: string, documentId: string): Promise<boolean> {
    const found = this.all(tenantId).some(({ id }) => id === documentId);
    return Promise.resolve(found && this.chunks.delete(documentId) && this.documents.delete(documentId));
  }

  private all(tenantId: string): DocumentInfo[] {
    return [...this.documents.values()].filter((document) => document.tenantId === tenantId);
  }
}
