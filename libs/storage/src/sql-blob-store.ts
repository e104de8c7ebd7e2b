import { createHash } from 'node:crypto';
import { BatonError, BlobStore, type Clock } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database, Statement } from './database.js';

export interface SqlBlobStoreOptions {
  /** Bytes of one payload. Default 64 MiB. */
  maxBytes?: number;
}

/** A payload is kept in parts: a statement must fit into what MySQL takes as one packet. */
const PART_BYTES = 1_048_576;
const MAX_BYTES = 64 * PART_BYTES;

const IS_UNUSED = `NOT EXISTS (
  SELECT 1 FROM uploads WHERE uploads.tenant_id = blobs.tenant_id AND uploads.digest = blobs.digest)`;

/** {@link BlobStore} in the database itself, on MySQL, MariaDB and SQLite: a payload is there exactly when it was committed. */
export class SqlBlobStore extends BlobStore {
  private readonly maxBytes: number;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    options: SqlBlobStoreOptions = {},
  ) {
    super();
    this.maxBytes = options.maxBytes ?? MAX_BYTES;
  }

  async put(tenantId: string, bytes: Uint8Array): Promise<string> {
    if (bytes.length > this.maxBytes) {
      throw new BatonError('payload_too_large', `The payload has ${bytes.length} bytes; the limit is ${this.maxBytes}`);
    }
    const digest = digestOf(bytes);
    const [kept] = await this.database.writeAll([touch(tenantId, digest)]);
    if (kept === 1) return digest;
    const statements: Statement[] = [
      {
        sql: 'INSERT INTO blobs (tenant_id, digest, bytes, created_at) VALUES (?, ?, ?, ?)',
        values: [tenantId, digest, bytes.length, this.clock.now()],
      },
    ];
    for (let part = 0; part * PART_BYTES < bytes.length; part += 1) {
      const content = Buffer.from(bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
      statements.push({
        sql: 'INSERT INTO blob_parts (tenant_id, digest, part, content) VALUES (?, ?, ?, ?)',
        values: [tenantId, digest, part, content],
      });
    }
    try {
      await this.database.writeAll(statements);
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
    }
    return digest;
  }

  async get(tenantId: string, digest: string): Promise<Uint8Array | null> {
    if (!(await this.has(tenantId, digest))) return null;
    const parts = await this.database.read<{ content: Buffer }>(
      'SELECT content FROM blob_parts WHERE tenant_id = ? AND digest = ? ORDER BY part',
      [tenantId, digest],
    );
    const bytes = Buffer.concat(parts.map(({ content }) => content));
    if (digestOf(bytes) === digest) return bytes;
    // A removal may have come between the two reads.
    if (!(await this.has(tenantId, digest))) return null;
    throw new BatonError('blob_damaged', `The payload ${digest} is not what was kept.`, { digest }, { retryable: false });
  }

  async has(tenantId: string, digest: string): Promise<boolean> {
    const sql = 'SELECT 1 AS kept FROM blobs WHERE tenant_id = ? AND digest = ?';
    return (await this.database.read(sql, [tenantId, digest])).length > 0;
  }

  async delete(tenantId: string, digest: string): Promise<boolean> {
    const values = [tenantId, digest];
    const [kept, removed] = await this.database.writeAll([
      touch(tenantId, digest),
      { sql: `DELETE FROM blobs WHERE tenant_id = ? AND digest = ? AND ${IS_UNUSED}`, values },
      {
        sql: `DELETE FROM blob_parts WHERE tenant_id = ? AND digest = ? AND NOT EXISTS (
          SELECT 1 FROM blobs WHERE blobs.tenant_id = blob_parts.tenant_id AND blobs.digest = blob_parts.digest)`,
        values,
      },
    ]);
    return kept === 0 || removed === 1;
  }

  async findUnused(createdBefore: number, limit: number): Promise<{ tenantId: string; digest: string }[]> {
    const sql = `SELECT tenant_id AS tenantId, digest FROM blobs WHERE created_at < ? AND ${IS_UNUSED} LIMIT ${Math.floor(limit)}`;
    return await this.database.read(sql, [createdBefore]);
  }
}

/** Locks the payload's row: a put and a delete of the same payload happen one after the other. Matches 1 where the payload is there. */
function touch(tenantId: string, digest: string): Statement {
  return { sql: 'UPDATE blobs SET bytes = bytes WHERE tenant_id = ? AND digest = ?', values: [tenantId, digest] };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
