import { BatonError, type BlobKey, type BlobPage, type UnusedBlobs } from '@baton/core';
import type { Database, Statement } from '../database.js';
import { isAfter } from '../keyset.js';
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
  { createdBefore, after, limit }: BlobPage,
  now: number,
): Promise<UnusedBlobs> {
  const byKey = database.dialect === 'sqlite' ? '' : 'FORCE INDEX (PRIMARY)';
  const { tenantId, digest } = after ?? { tenantId: '', digest: '' };
  const rows = await database.read<BlobKey & { isUnused: number }>(
    `SELECT tenant_id AS tenantId, digest, (created_at < ? AND ${IS_UNUSED}) AS isUnused FROM blobs ${byKey}
     WHERE ${isAfter('tenant_id', 'digest')} ORDER BY tenant_id, digest LIMIT ?`,
    [createdBefore, now, tenantId, tenantId, digest, limit],
  );
  const keyOf = (row: BlobKey): BlobKey => ({ tenantId: row.tenantId, digest: row.digest });
  const unused = rows.filter(({ isUnused }) => isUnused === 1).map(keyOf);
  return { unused, next: rows.length < limit ? null : keyOf(rows.at(-1)!) };
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
