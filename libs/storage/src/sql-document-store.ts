import type { SelectQueryBuilder } from 'typeorm';
import { DocumentStore, type Chunk, type DocumentInfo } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { ChunkTable, DocumentTable, type ChunkRow, type DocumentRow } from './schema.js';

/** Rows of one insert: below what a statement may bind on SQLite and carry on MySQL. */
const CHUNKS_PER_INSERT = 200;

/** {@link DocumentStore} on MySQL, MariaDB and SQLite. */
export class SqlDocumentStore extends DocumentStore {
  constructor(private readonly database: Database) {
    super();
  }

  async save(
    document: Omit<DocumentInfo, 'indexedAt'>,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }> {
    const row: DocumentRow = { ...document, indexedAt: null };
    const chunkRows = chunks.map((chunk) => chunkRowOf(chunk, document.tenantId));
    const statements = [this.database.insertStatement(DocumentTable, [row])];
    for (let from = 0; from < chunkRows.length; from += CHUNKS_PER_INSERT) {
      statements.push(this.database.insertStatement(ChunkTable, chunkRows.slice(from, from + CHUNKS_PER_INSERT)));
    }
    try {
      await this.database.writeAll(statements);
      return { document: row, created: true };
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      const { tenantId, contentHash } = document;
      const [earlier] = await this.database.select(this.query().where({ tenantId, contentHash }).limit(1));
      if (earlier === undefined) throw error;
      return { document: earlier, created: false };
    }
  }

  async markIndexed(documentId: string, at: number): Promise<void> {
    await this.database.write({ sql: 'UPDATE documents SET indexed_at = ? WHERE id = ?', values: [at, documentId] });
  }

  async find(tenantId: string, documentId: string): Promise<DocumentInfo | null> {
    const [row] = await this.database.select(this.query().where({ tenantId, id: documentId }).limit(1));
    return row ?? null;
  }

  async chunksOf(documentId: string): Promise<Chunk[]> {
    const query = this.database.dataSource.getRepository(ChunkTable).createQueryBuilder('chunk').where({ documentId });
    return (await this.database.select(query.orderBy('chunk.position'))).map(chunkOf);
  }

  async list(tenantId: string, page: { before?: { createdAt: number; id: string }; limit: number }): Promise<DocumentInfo[]> {
    const query = this.query().where('document.tenantId = :tenantId', { tenantId });
    if (page.before !== undefined) {
      query.andWhere('(document.createdAt < :createdAt OR (document.createdAt = :createdAt AND document.id < :id))', page.before);
    }
    query.orderBy('document.createdAt', 'DESC').addOrderBy('document.id', 'DESC').limit(page.limit);
    return await this.database.select(query);
  }

  async remove(tenantId: string, documentId: string): Promise<boolean> {
    const owned = 'SELECT id FROM documents WHERE tenant_id = ? AND id = ?';
    const [, removed] = await this.database.writeAll([
      { sql: `DELETE FROM chunks WHERE document_id IN (${owned})`, values: [tenantId, documentId] },
      { sql: 'DELETE FROM documents WHERE tenant_id = ? AND id = ?', values: [tenantId, documentId] },
    ]);
    return removed === 1;
  }

  private query(): SelectQueryBuilder<DocumentRow> {
    return this.database.dataSource.getRepository(DocumentTable).createQueryBuilder('document');
  }
}

function chunkRowOf({ id, documentId, index, text }: Chunk, tenantId: string): ChunkRow {
  return { documentId, position: index, tenantId, id, text };
}

function chunkOf({ id, documentId, position, text }: ChunkRow): Chunk {
  return { id, documentId, index: position, text };
}
