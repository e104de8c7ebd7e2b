import { IsNull, type SelectQueryBuilder } from 'typeorm';
import { DocumentStore, type Chunk, type DocumentFilter, type DocumentInfo } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database, Statement } from './database.js';
import { isBefore } from './keyset.js';
import { ChunkTable, DocumentTable, type ChunkRow, type DocumentRow } from './schema.js';

/** Rows of one insert: below what a statement may bind on SQLite and carry on MySQL. */
const CHUNKS_PER_INSERT = 200;

const DOCUMENT_SELECT = `id, tenant_id AS tenantId, title, source, content_hash AS contentHash, media_type AS mediaType, bytes,
  chunk_count AS chunkCount, created_at AS createdAt, indexed_at AS indexedAt, removed_at AS removedAt`;

/** {@link DocumentStore} on MySQL, MariaDB and SQLite. */
export class SqlDocumentStore extends DocumentStore {
  constructor(private readonly database: Database) {
    super();
  }

  async save(
    document: Omit<DocumentInfo, 'indexedAt' | 'removedAt'>,
    text: string,
    chunks: readonly Chunk[],
  ): Promise<{ document: DocumentInfo; created: boolean }> {
    const row: DocumentRow = { ...document, indexedAt: null, removedAt: null };
    // One by one: a text that is there already is refused before its chunks are made into rows.
    const statements = { [Symbol.iterator]: () => this.insertions(row, text, chunks) };
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

  async markIndexed(documentId: string, at: number, chunkCount: number): Promise<boolean> {
    const sql = 'UPDATE documents SET indexed_at = ?, chunk_count = ? WHERE id = ? AND removed_at IS NULL';
    return (await this.database.write({ sql, values: [at, chunkCount, documentId] })) === 1;
  }

  async find(tenantId: string, documentId: string): Promise<DocumentInfo | null> {
    const [row] = await this.database.select(this.query().where({ tenantId, id: documentId, removedAt: IsNull() }).limit(1));
    return row ?? null;
  }

  async chunksOf(documentId: string): Promise<Chunk[]> {
    const query = this.database.dataSource.getRepository(ChunkTable).createQueryBuilder('chunk').where({ documentId });
    return (await this.database.select(query.orderBy('chunk.position'))).map(chunkOf);
  }

  async textOf(documentId: string): Promise<string | null> {
    const [row] = await this.database.read<{ text: string }>('SELECT text FROM document_texts WHERE document_id = ?', [
      documentId,
    ]);
    return row?.text ?? null;
  }

  async countChunks(tenantId: string): Promise<number> {
    const sql = 'SELECT COALESCE(SUM(chunk_count), 0) AS chunks FROM documents WHERE tenant_id = ? AND removed_at IS NULL';
    const [row] = await this.database.read<{ chunks: number | string }>(sql, [tenantId]);
    return Number(row!.chunks);
  }

  async list(
    tenantId: string,
    page: { before?: { createdAt: number; id: string }; limit: number; filter?: DocumentFilter },
  ): Promise<DocumentInfo[]> {
    const { titlePrefix, sourcePrefix } = page.filter ?? {};
    const where = ['tenant_id = ? AND removed_at IS NULL'];
    const values: unknown[] = [tenantId];
    // Not LIKE, which on SQLite does not tell letter cases apart.
    for (const [column, prefix] of Object.entries({ title: titlePrefix, source: sourcePrefix })) {
      if (prefix === undefined) continue;
      where.push(`SUBSTR(${column}, 1, ?) = ?`);
      values.push(Array.from(prefix).length, prefix);
    }
    if (page.before !== undefined) {
      where.push(isBefore('created_at', 'id'));
      values.push(page.before.createdAt, page.before.createdAt, page.before.id);
    }
    return await this.database.read<DocumentInfo>(
      `SELECT ${DOCUMENT_SELECT} FROM documents ${this.database.through('ix_documents_created')}
       WHERE ${where.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
      [...values, page.limit],
    );
  }

  async markRemoved(tenantId: string, documentId: string, at: number): Promise<DocumentInfo | null> {
    const sql = 'UPDATE documents SET removed_at = COALESCE(removed_at, ?) WHERE tenant_id = ? AND id = ?';
    await this.database.write({ sql, values: [at, tenantId, documentId] });
    const [row] = await this.database.select(this.query().where({ tenantId, id: documentId }).limit(1));
    return row ?? null;
  }

  async listRemoved(limit: number): Promise<DocumentInfo[]> {
    return await this.database.select(this.query().where('document.removedAt >= 0').limit(limit));
  }

  async remove(tenantId: string, documentId: string): Promise<boolean> {
    const owned = 'document_id = ? AND EXISTS (SELECT 1 FROM documents WHERE tenant_id = ? AND id = ?)';
    const values = [documentId, tenantId, documentId];
    const [, , removed] = await this.database.writeAll([
      { sql: `DELETE FROM chunks WHERE ${owned}`, values },
      { sql: `DELETE FROM document_texts WHERE ${owned}`, values },
      { sql: 'DELETE FROM documents WHERE tenant_id = ? AND id = ?', values: [tenantId, documentId] },
    ]);
    return removed === 1;
  }

  private *insertions(document: DocumentRow, text: string, chunks: readonly Chunk[]): Generator<Statement> {
    const { id, tenantId } = document;
    yield this.database.insertStatement(DocumentTable, [document]);
    yield { sql: 'INSERT INTO document_texts (document_id, tenant_id, text) VALUES (?, ?, ?)', values: [id, tenantId, text] };
    for (let from = 0; from < chunks.length; from += CHUNKS_PER_INSERT) {
      const rows = chunks.slice(from, from + CHUNKS_PER_INSERT).map((chunk) => chunkRowOf(chunk, tenantId));
      yield this.database.insertStatement(ChunkTable, rows);
    }
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
