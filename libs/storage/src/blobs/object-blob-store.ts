import { createHash, randomBytes } from 'node:crypto';
import { BlobStore, type Clock, type BlobPage, type PutOptions, type UnusedBlobs } from '@baton/core';
import { failureKind } from '../database-failure.js';
import type { Database } from '../database.js';
import { damaged, decodeBlob, digestOf, encodeAs, encodeBlob, type BlobEncoding } from './blob-encoding.js';
import type { BlobObjectStore } from './blob-object-store.js';
import { checkSize, elsewhere, findBlob, findUnusedBlobs, insertBlob, IS_UNUSED, touch, type BlobRow } from './blob-rows.js';
import { MAX_BLOB_BYTES, SqlBlobStore, type BlobStoreOptions } from './sql-blob-store.js';

/** How long an object may take to be written. */
const WRITING_MS = 600_000;

/** A row that names the object in which its payload lies. */
type ObjectRow = BlobRow & { readonly objectName: string };

/**
 * {@link BlobStore} with its bytes in files or objects, and its rows in SQL.
 *
 * A row is there before its object and goes after it, so that a crash leaves no object that no row knows: `writing`, then `kept`, then `removing`.
 * Every life of a payload has an object of its own: who removes the last one's can never hit the next one's. What was put while the
 * database kept the bytes is read from there.
 */
export class ObjectBlobStore extends BlobStore {
  private readonly inDatabase: SqlBlobStore;
  private readonly maxBytes: number;

  constructor(
    private readonly database: Database,
    private readonly objects: BlobObjectStore,
    private readonly clock: Clock,
    options: BlobStoreOptions = {},
  ) {
    super();
    this.inDatabase = new SqlBlobStore(database, clock, options);
    this.maxBytes = options.maxBytes ?? MAX_BLOB_BYTES;
  }

  async put(tenantId: string, bytes: Uint8Array, { keepForMs = 0 }: PutOptions = {}): Promise<string> {
    checkSize(bytes, this.maxBytes);
    const digest = digestOf(bytes);
    const keptUntil = keepForMs === 0 ? 0 : this.clock.now() + keepForMs;
    let encoded: { encoding: BlobEncoding; content: Uint8Array } | null = null;
    for (;;) {
      const [kept] = await this.database.writeAll([touch(tenantId, digest, keptUntil)]);
      if (kept === 1) return digest;
      encoded ??= await encodeBlob(bytes);
      const row = await this.openRow({ tenantId, digest, bytes: bytes.length, encoding: encoded.encoding });
      if (row === null) continue;
      const isAsBegun = row.encoding === encoded.encoding;
      await this.objects.write(row.objectName, isAsBegun ? encoded.content : await encodeAs(row.encoding, bytes));
      const isKept = await this.markKept(row, keptUntil);
      // To be kept for a while it is touched as what is there already: by then somebody may have removed it again.
      if (isKept && keptUntil === 0) return digest;
    }
  }

  async get(tenantId: string, digest: string, signal?: AbortSignal): Promise<Uint8Array | null> {
    const row = await findBlob(this.database, tenantId, digest);
    if (row?.state !== 'kept') return null;
    if (row.place === 'sql') return this.inDatabase.get(tenantId, digest);
    const content = await this.objects.read(this.objectOf(row).objectName, signal);
    const bytes = content === null ? null : await decodeBlob(row, content);
    if (bytes !== null) return bytes;
    // A removal may have come between the two reads.
    const now = await findBlob(this.database, tenantId, digest);
    if (now?.state !== 'kept') return null;
    if (now.objectName !== row.objectName) return this.get(tenantId, digest, signal);
    throw damaged(digest);
  }

  async has(tenantId: string, digest: string): Promise<boolean> {
    return (await findBlob(this.database, tenantId, digest))?.state === 'kept';
  }

  async delete(tenantId: string, digest: string): Promise<boolean> {
    const row = await findBlob(this.database, tenantId, digest);
    if (row === null) return true;
    if (row.place === 'sql') return this.inDatabase.delete(tenantId, digest);
    const object = this.objectOf(row);
    const marked = await this.database.write({
      sql: `UPDATE blobs SET state = 'removing' WHERE tenant_id = ? AND digest = ? AND object_name = ? AND ${IS_UNUSED}`,
      values: [tenantId, digest, object.objectName, this.clock.now()],
    });
    if (marked === 1) await this.remove(object);
    return (await findBlob(this.database, tenantId, digest)) === null;
  }

  async findUnused(page: BlobPage): Promise<UnusedBlobs> {
    return findUnusedBlobs(this.database, page, this.clock.now());
  }

  /** The row under which the object is to be written: one's own, or that of somebody who is at it or has died at it. Null: look again. */
  private async openRow(blob: Pick<BlobRow, 'tenantId' | 'digest' | 'bytes' | 'encoding'>): Promise<ObjectRow | null> {
    const { tenantId, digest } = blob;
    const writingUntil = this.clock.now() + WRITING_MS;
    const earlier = await findBlob(this.database, tenantId, digest);
    if (earlier === null) {
      const row: ObjectRow = { ...blob, place: this.objects.place, state: 'writing', objectName: nameOf(tenantId, digest) };
      return (await this.insertRow(row, writingUntil)) ? row : null;
    }
    if (earlier.state === 'kept') return null;
    const row = this.objectOf(earlier);
    if (row.state === 'removing') {
      await this.remove(row);
      return null;
    }
    const joined = await this.database.write({
      sql: `UPDATE blobs SET kept_until = ? WHERE tenant_id = ? AND digest = ? AND object_name = ? AND state = 'writing'`,
      values: [writingUntil, tenantId, digest, row.objectName],
    });
    return joined === 1 ? row : null;
  }

  /** Whether it is ours to say; false where another has begun. */
  private async insertRow(row: ObjectRow, keptUntil: number): Promise<boolean> {
    try {
      await this.database.write(insertBlob({ ...row, createdAt: this.clock.now(), keptUntil }));
      return true;
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      return false;
    }
  }

  /** The object is there. False: so much time has passed that it was removed. */
  private async markKept({ tenantId, digest, objectName }: ObjectRow, keptUntil: number): Promise<boolean> {
    const matched = await this.database.write({
      sql: `UPDATE blobs SET kept_until = CASE state WHEN 'writing' THEN ? ELSE kept_until END, state = 'kept'
            WHERE tenant_id = ? AND digest = ? AND object_name = ? AND state IN ('writing', 'kept')`,
      values: [keptUntil, tenantId, digest, objectName],
    });
    return matched === 1;
  }

  /** The object first: what is cut off here is found again by its row. */
  private async remove({ tenantId, digest, objectName }: ObjectRow): Promise<void> {
    await this.objects.remove(objectName);
    await this.database.write({
      sql: `DELETE FROM blobs WHERE tenant_id = ? AND digest = ? AND object_name = ? AND state = 'removing'`,
      values: [tenantId, digest, objectName],
    });
  }

  private objectOf(row: BlobRow): ObjectRow {
    const { objectName } = row;
    if (row.place !== this.objects.place || objectName === null) throw elsewhere(row);
    return { ...row, objectName };
  }
}

/** Fresh for each life of a payload. Tenants are hashed: their ids may hold anything. */
function nameOf(tenantId: string, digest: string): string {
  const tenant = createHash('sha256').update(tenantId).digest('hex').slice(0, 12);
  return `${tenant}/${digest.slice(0, 2)}/${digest.slice(0, 32)}.${randomBytes(6).toString('hex')}`;
}
