import { DocumentStore, type Chunk, type DocumentInfo } from '@baton/core';

/** Documents in memory, for tests of what stands on the port. */
export class MemoryDocumentStore extends DocumentStore {
  private readonly documents = new Map<string, DocumentInfo>();
  private readonly chunks = new Map<string, readonly Chunk[]>();

  save(
    document: Omit<DocumentInfo, 'indexedAt' | 'removedAt'>,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }> {
    const existing = this.all(document.tenantId).find(({ contentHash }) => contentHash === document.contentHash);
    if (existing !== undefined) return Promise.resolve({ document: { ...existing }, created: false });
    const saved = { ...document, indexedAt: null, removedAt: null };
    this.documents.set(document.id, saved);
    this.chunks.set(document.id, chunks);
    return Promise.resolve({ document: { ...saved }, created: true });
  }

  markIndexed(documentId: string, at: number): Promise<boolean> {
    const document = this.documents.get(documentId);
    if (document === undefined || document.removedAt !== null) return Promise.resolve(false);
    document.indexedAt = at;
    return Promise.resolve(true);
  }

  markRemoved(tenantId: string, documentId: string, at: number): Promise<DocumentInfo | null> {
    const document = this.all(tenantId).find(({ id }) => id === documentId);
    if (document !== undefined) document.removedAt ??= at;
    return Promise.resolve(document === undefined ? null : { ...document });
  }

  listRemoved(limit: number): Promise<DocumentInfo[]> {
    const removed = [...this.documents.values()].filter((document) => document.removedAt !== null);
    return Promise.resolve(removed.slice(0, limit));
  }

  find(tenantId: string, documentId: string): Promise<DocumentInfo | null> {
    return Promise.resolve(this.wanted(tenantId).find(({ id }) => id === documentId) ?? null);
  }

  chunksOf(documentId: string): Promise<Chunk[]> {
    return Promise.resolve([...(this.chunks.get(documentId) ?? [])]);
  }

  list(tenantId: string, page: { limit: number }): Promise<DocumentInfo[]> {
    return Promise.resolve(this.wanted(tenantId).slice(0, page.limit));
  }

  remove(tenantId: string, documentId: string): Promise<boolean> {
    const found = this.all(tenantId).some(({ id }) => id === documentId);
    return Promise.resolve(found && this.chunks.delete(documentId) && this.documents.delete(documentId));
  }

  private wanted(tenantId: string): DocumentInfo[] {
    return this.all(tenantId).filter((document) => document.removedAt === null);
  }

  private all(tenantId: string): DocumentInfo[] {
    return [...this.documents.values()].filter((document) => document.tenantId === tenantId);
  }
}
