import { BatonError } from '@baton/core';
import type { Database, Statement } from '../database.js';
import type { BlobEncoding } from './blob-encoding.js';

/** A row of the table `blobs`. */
export interface BlobRow {
  readonly tenantId: string;
  readonly digest: string;
  /** As they were put. */
  readonly bytes: number;
  readonly encoding: BlobEncoding;
  readonly place: 'sql' | 'fs' | 's3';
  /** `writing`: its object is not there yet; `removing`: it may be gone. */
  readonly state: 'writing' | 'kept' | 'removing';
  readonly objectName: string | null;
}

const SELECT =
  'SELECT tenant_id AS tenantId, digest, bytes, encoding, place, state, object_name AS objectName FROM blobs WHERE tenant_id = ? AND digest = ?';

/** Tables whose rows refer to blobs by tenant and digest. */
const REFERRERS = ['uploads', 'artifacts', 'blob_references'];

/** Takes an instant: what is to be kept beyond it is in use. */
export const IS_UNUSED = [
  'blobs.kept_until <= ?',
  ...REFERRERS.map(
    (table) =>
      `NOT EXISTS (SELECT 1 FROM ${table} WHERE ${table}.tenant_id = blobs.tenant_id AND ${table}.digest = blobs.digest)`,
  ),
].join(' AND ');

export async function findBlob(database: Database, tenantId: string, digest: string): Promise<BlobRow | null> {
  return (await database.read<BlobRow>(SELECT, [tenantId, digest]))[0] ?? null;
}

export async function findUnusedBlobs(
  database: Database,
  { createdBefore, now, limit }: { createdBefore: number; now: number; limit: number },
): Promise<{ tenantId: string; digest: string }[]> {
  const sql = `SELECT tenant_id AS tenantId, digest FROM blobs WHERE created_at < ? AND ${IS_UNUSED} LIMIT ${Math.floor(limit)}`;
  return await database.read(sql, [createdBefore, now]);
}

/**
 * Locks the payload's row: a put and a delete of the same payload happen one after the other. Matches 1 where the payload is there, which is then
 * kept until `keptUntil` at least.
 */
export function touch(tenantId: string, digest: string, keptUntil: number): Statement {
  return {
    sql: `UPDATE blobs SET kept_until = CASE WHEN kept_until < ? THEN ? ELSE kept_until END
          WHERE tenant_id = ? AND digest = ? AND state = 'kept'`,
    values: [keptUntil, keptUntil, tenantId, digest],
  };
}

export interface NewBlob extends BlobRow {
  readonly createdAt: number;
  readonly keptUntil: number;
}

export function insertBlob(blob: NewBlob): Statement {
  return {
    sql: `INSERT INTO blobs (tenant_id, digest, bytes, created_at, kept_until, encoding, place, state, object_name)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    values: [
      ...[blob.tenantId, blob.digest, blob.bytes, blob.createdAt, blob.keptUntil, blob.encoding, blob.place, blob.state],
      blob.objectName,
    ],
  };
}

export function checkSize(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length <= maxBytes) return;
  throw new BatonError('payload_too_large', `The payload has ${bytes.length} bytes; the limit is ${maxBytes}`);
}

/** The payload is there, but not where this process can look. */
export function elsewhere({ digest, place }: BlobRow): BatonError {
  const detail = `The payload ${digest} is kept in ${place}, which is not configured: see BLOB_STORE.`;
  return new BatonError('storage_unavailable', detail, { digest, place });
}
