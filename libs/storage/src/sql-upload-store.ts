import { RUN_STATUSES, isTerminal, UploadStore, type ErrorInfo, type Upload } from '@baton/core';
import type { Database, Statement } from './database.js';

/** Rows of one insert. */
const ROWS_PER_INSERT = 200;

const COLUMNS = ['run_id', 'position', 'tenant_id', 'name', 'title', 'media_type', 'digest', 'bytes', 'refusal', 'created_at'];
const ENDED = RUN_STATUSES.filter(isTerminal)
  .map((status) => `'${status}'`)
  .join(', ');

interface UploadRow {
  run_id: string;
  position: number;
  tenant_id: string;
  name: string | null;
  title: string | null;
  media_type: string | null;
  digest: string | null;
  bytes: number;
  refusal: string | null;
  created_at: number | string;
}

/** {@link UploadStore} on MySQL, MariaDB and SQLite. */
export class SqlUploadStore extends UploadStore {
  constructor(private readonly database: Database) {
    super();
  }

  async add(uploads: readonly Upload[]): Promise<void> {
    const statements: Statement[] = [];
    for (let from = 0; from < uploads.length; from += ROWS_PER_INSERT) {
      const rows = uploads.slice(from, from + ROWS_PER_INSERT);
      statements.push(...rows.map(removal), insertion(rows));
    }
    if (statements.length > 0) await this.database.writeAll(statements);
  }

  async list(runId: string, { from, limit }: { from: number; limit: number }): Promise<Upload[]> {
    const sql = `SELECT ${COLUMNS.join(', ')} FROM uploads WHERE run_id = ? AND position >= ? ORDER BY position LIMIT ${Math.floor(limit)}`;
    return (await this.database.read<UploadRow>(sql, [runId, from])).map(uploadOf);
  }

  async remove(runId: string): Promise<{ tenantId: string; digest: string }[]> {
    const sql = 'SELECT DISTINCT tenant_id AS tenantId, digest FROM uploads WHERE run_id = ? AND digest IS NOT NULL';
    const referred = await this.database.read<{ tenantId: string; digest: string }>(sql, [runId]);
    await this.database.write({ sql: 'DELETE FROM uploads WHERE run_id = ?', values: [runId] });
    return referred;
  }

  async findAbandoned(createdBefore: number, limit: number): Promise<string[]> {
    const sql = `SELECT DISTINCT run_id AS runId FROM uploads ${this.database.through('ix_uploads_created')} WHERE created_at < ? AND NOT EXISTS (
      SELECT 1 FROM runs WHERE runs.id = uploads.run_id AND runs.status NOT IN (${ENDED})) LIMIT ${Math.floor(limit)}`;
    return (await this.database.read<{ runId: string }>(sql, [createdBefore])).map(({ runId }) => runId);
  }
}

/** What an earlier try of the same commit may have left, when its reply was lost. */
function removal({ runId, position }: Upload): Statement {
  return { sql: 'DELETE FROM uploads WHERE run_id = ? AND position = ?', values: [runId, position] };
}

function insertion(uploads: readonly Upload[]): Statement {
  const row = `(${COLUMNS.map(() => '?').join(', ')})`;
  return {
    sql: `INSERT INTO uploads (${COLUMNS.join(', ')}) VALUES ${uploads.map(() => row).join(', ')}`,
    values: uploads.flatMap((upload) => [
      ...[
        upload.runId,
        upload.position,
        upload.tenantId,
        upload.name,
        upload.title,
        upload.mediaType,
        upload.digest,
        upload.bytes,
      ],
      ...[upload.refusal === null ? null : JSON.stringify(upload.refusal), upload.createdAt],
    ]),
  };
}

function uploadOf(row: UploadRow): Upload {
  return {
    runId: row.run_id,
    position: row.position,
    tenantId: row.tenant_id,
    name: row.name,
    title: row.title,
    mediaType: row.media_type,
    digest: row.digest,
    bytes: row.bytes,
    refusal: row.refusal === null ? null : (JSON.parse(row.refusal) as ErrorInfo),
    createdAt: Number(row.created_at),
  };
}
