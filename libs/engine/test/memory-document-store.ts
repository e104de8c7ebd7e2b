import { DocumentStore, type Chunk, type DocumentInfo } from '@baton/core';

/** Documents in memory, for tests of what stands on the port. */
export class MemoryDocumentStore extends DocumentStore {
  private readonly documents = new Map<string, DocumentInfo>();
  private readonly chunks = new Map<string, readonly Chunk[]>();
  private readonly texts = new Map<string, string>();

  save(
    document: Omit<DocumentInfo, 'indexedAt' | 'removedAt'>,
    text: string,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }> {
    const existing = this.all(document.tenantId).find(({ contentHash }) => contentHash === document.contentHash);
    if (existing !== undefined) return Promise.resolve({ document: { ...existing }, created: false });
    const saved = { ...document, indexedAt: null, removedAt: null };
    this.documents.set(document.id, saved);
    this.chunks.set(document.id, chunks);
    this.texts.set(document.id, text);
    return Promise.resolve({ document: { ...saved }, created: true });
  }

  markIndexed(documentId: string, at: number, chunkCount: number): Promise<boolean> {
    const document = this.documents.get(documentId);
    if (document === undefined || document.removedAt !== null) return Promise.resolve(false);
    Object.assign(document, { indexedAt: at, chunkCount });
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

  textOf(documentId: string): Promise<string | null> {
    return Promise.resolve(this.texts.get(documentId) ?? null);
  }

  countChunks(tenantId: string): Promise<number> {
    return Promise.resolve(this.wanted(tenantId).reduce((sum, { chunkCount }) => sum + chunkCount, 0));
  }

  list(tenantId: string, page: { before?: { createdAt: number; id: string }; limit: number }): Promise<DocumentInfo[]> {
    const { before, limit } = page;
    const isOlder = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }): boolean =>
      a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id);
    const older = this.wanted(tenantId).filter((document) => before === undefined || isOlder(document, before));
    return Promise.resolve(older.toSorted((a, b) => (isOlder(a, b) ? 1 : -1)).slice(0, limit));
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
