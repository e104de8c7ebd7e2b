import { createHash } from 'node:crypto';
import {
  ArtifactStore,
  BatonError,
  checkArtifact,
  type Artifact,
  type ArtifactDraft,
  type ArtifactQuery,
  type BlobStore,
  type Clock,
} from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { isBefore } from './keyset.js';

/** Much more than passes between the payload and the row that refers to it. */
const KEEP_FOR_MS = 3_600_000;

const COLUMNS = ['id', 'tenant_id', 'run_id', 'node_id', 'name', 'media_type', 'digest', 'bytes', 'created_at'];
const SELECT = `SELECT id, tenant_id AS tenantId, run_id AS runId, node_id AS nodeId, name, media_type AS mediaType, digest, bytes,
  created_at AS createdAt FROM artifacts`;

/** {@link ArtifactStore} on MySQL, MariaDB and SQLite; the bytes go to whatever {@link BlobStore} there is, before the row that refers to them. */
export class SqlArtifactStore extends ArtifactStore {
  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly clock: Clock,
  ) {
    super();
  }

  async keep(draft: ArtifactDraft): Promise<Artifact> {
    checkArtifact(draft);
    const { tenantId, runId, nodeId, name, mediaType, content } = draft;
    const id = artifactId(draft);
    const earlier = await this.find(tenantId, id);
    if (earlier !== null) return earlier;
    const digest = await this.blobs.put(tenantId, content, { keepForMs: KEEP_FOR_MS });
    const createdAt = this.clock.now();
    const artifact = { id, tenantId, runId, nodeId, name, mediaType, digest, bytes: content.length, createdAt };
    try {
      await this.database.write({
        sql: `INSERT INTO artifacts (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
        values: [id, tenantId, runId, nodeId, name, mediaType, digest, content.length, createdAt],
      });
      return artifact;
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      return (await this.find(tenantId, id)) ?? artifact;
    }
  }

  async find(tenantId: string, id: string): Promise<Artifact | null> {
    const [row] = await this.database.read<ArtifactRow>(`${SELECT} WHERE id = ? AND tenant_id = ?`, [id, tenantId]);
    return row === undefined ? null : artifactOf(row);
  }

  async list({ tenantId, runId, before, limit }: ArtifactQuery): Promise<Artifact[]> {
    const where = ['tenant_id = ?', ...(runId === undefined ? [] : ['run_id = ?'])];
    const values: unknown[] = [tenantId, ...(runId === undefined ? [] : [runId])];
    if (before !== undefined) {
      where.push(isBefore('created_at', 'id'));
      values.push(before.createdAt, before.createdAt, before.id);
    }
    const rows = await this.database.read<ArtifactRow>(
      `${SELECT} ${this.database.through(runId === undefined ? 'ix_artifacts_created' : 'ix_artifacts_run')}
       WHERE ${where.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ${Math.floor(limit)}`,
      values,
    );
    return rows.map(artifactOf);
  }

  async read({ tenantId, digest }: Pick<Artifact, 'tenantId' | 'digest'>): Promise<Uint8Array> {
    const content = await this.blobs.get(tenantId, digest);
    if (content !== null) return content;
    throw new BatonError('blob_damaged', `The payload ${digest} is gone.`, { digest }, { retryable: false });
  }
}

/** The same for the same work, so that a second try finds what the first has kept. */
function artifactId({ tenantId, runId, nodeId, key, name }: ArtifactDraft): string {
  return createHash('sha256')
    .update(JSON.stringify([tenantId, runId, nodeId, key, name]))
    .digest('hex')
    .slice(0, 32);
}

/** MySQL may give an instant as text. */
type ArtifactRow = Omit<Artifact, 'createdAt'> & { createdAt: number | string };

function artifactOf(row: ArtifactRow): Artifact {
  return { ...row, createdAt: Number(row.createdAt) };
}
