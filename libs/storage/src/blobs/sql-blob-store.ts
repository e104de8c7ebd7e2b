import { BlobStore, type Clock, type BlobPage, type PutOptions, type UnusedBlobs } from '@baton/core';
import { failureKind } from '../database-failure.js';
import type { Database, Statement } from '../database.js';
import { damaged, decodeBlob, digestOf, encodeBlob } from './blob-encoding.js';
import { checkSize, elsewhere, findBlob, findUnusedBlobs, insertBlob, IS_UNUSED, touch, type BlobRow } from './blob-rows.js';

export interface BlobStoreOptions {
  /** Bytes of one payload. Default 64 MiB. */
  maxBytes?: number;
}

/** A payload is kept in parts: a statement must fit into what MySQL takes as one packet. */
const PART_BYTES = 1_048_576;
export const MAX_BLOB_BYTES = 64 * PART_BYTES;

/** {@link BlobStore} in the database itself, on MySQL, MariaDB and SQLite: a payload is there exactly when it was committed. */
export class SqlBlobStore extends BlobStore {
  private readonly maxBytes: number;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    options: BlobStoreOptions = {},
  ) {
    super();
    this.maxBytes = options.maxBytes ?? MAX_BLOB_BYTES;
  }

  async put(tenantId: string, bytes: Uint8Array, { keepForMs = 0 }: PutOptions = {}): Promise<string> {
    checkSize(bytes, this.maxBytes);
    const digest = digestOf(bytes);
    const now = this.clock.now();
    const keptUntil = keepForMs === 0 ? 0 : now + keepForMs;
    const [kept] = await this.database.writeAll([touch(tenantId, digest, keptUntil)]);
    if (kept === 1) return digest;
    const { encoding, content } = await encodeBlob(bytes);
    const row: BlobRow = { tenantId, digest, bytes: bytes.length, encoding, place: 'sql', state: 'kept', objectName: null };
    try {
      await this.database.writeAll([insertBlob({ ...row, createdAt: now, keptUntil }), ...insertParts(row, content)]);
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      // Another has just put the same: it may keep it for less long.
      return this.put(tenantId, bytes, { keepForMs });
    }
    return digest;
  }

  async get(tenantId: string, digest: string): Promise<Uint8Array | null> {
    const row = await findBlob(this.database, tenantId, digest);
    if (row?.state !== 'kept') return null;
    if (row.place !== 'sql') throw elsewhere(row);
    const parts = await this.database.read<{ content: Buffer }>(
      'SELECT content FROM blob_parts WHERE tenant_id = ? AND digest = ? ORDER BY part',
      [tenantId, digest],
    );
    const bytes = await decodeBlob(row, Buffer.concat(parts.map(({ content }) => content)));
    if (bytes !== null) return bytes;
    // A removal may have come between the two reads.
    if (!(await this.has(tenantId, digest))) return null;
    throw damaged(digest);
  }

  async has(tenantId: string, digest: string): Promise<boolean> {
    return (await findBlob(this.database, tenantId, digest))?.state === 'kept';
  }

  async delete(tenantId: string, digest: string): Promise<boolean> {
    const row = await findBlob(this.database, tenantId, digest);
    if (row !== null && row.place !== 'sql') throw elsewhere(row);
    const values = [tenantId, digest];
    const [kept, removed] = await this.database.writeAll([
      touch(tenantId, digest, 0),
      { sql: `DELETE FROM blobs WHERE tenant_id = ? AND digest = ? AND ${IS_UNUSED}`, values: [...values, this.clock.now()] },
      {
        sql: `DELETE FROM blob_parts WHERE tenant_id = ? AND digest = ? AND NOT EXISTS (
          SELECT 1 FROM blobs WHERE blobs.tenant_id = blob_parts.tenant_id AND blobs.digest = blob_parts.digest)`,
        values,
      },
    ]);
    return kept === 0 || removed === 1;
  }

  async findUnused(page: BlobPage): Promise<UnusedBlobs> {
    return findUnusedBlobs(this.database, page, this.clock.now());
  }
}

function insertParts({ tenantId, digest }: BlobRow, content: Uint8Array): Statement[] {
  const statements: Statement[] = [];
  for (let part = 0; part * PART_BYTES < content.length; part += 1) {
    statements.push({
      sql: 'INSERT INTO blob_parts (tenant_id, digest, part, content) VALUES (?, ?, ?, ?)',
      values: [tenantId, digest, part, Buffer.from(content.subarray(part * PART_BYTES, (part + 1) * PART_BYTES))],
    });
  }
  return statements;
}
