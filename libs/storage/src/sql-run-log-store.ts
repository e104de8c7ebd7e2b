import { LOG_LEVELS, RunLogStore, type JsonObject, type KeptLine, type LogLine, type LogQuery, type LogSize } from '@baton/core';
import type { Database } from './database.js';

const COLUMNS = ['run_id', 'tenant_id', 'node_id', 'visit', 'attempt', 'level', 'at', 'bytes', 'message', 'fields'] as const;

interface LineRow extends Omit<KeptLine, 'level' | 'fields'> {
  /** The place of the level among them all. */
  readonly level: number;
  readonly fields: string | null;
}

/** {@link RunLogStore} on MySQL, MariaDB and SQLite. Where the reply to an append is lost, its lines may be kept twice. */
export class SqlRunLogStore extends RunLogStore {
  constructor(private readonly database: Database) {
    super();
  }

  async append(lines: readonly LogLine[]): Promise<void> {
    if (lines.length === 0) return;
    const marks = `(${COLUMNS.map(() => '?').join(', ')})`;
    await this.database.write({
      sql: `INSERT INTO run_logs (${COLUMNS.join(', ')}) VALUES ${lines.map(() => marks).join(', ')}`,
      values: lines.flatMap(({ runId, tenantId, nodeId, visit, attempt, level, at, bytes, message, fields }) => {
        const json = fields === null ? null : JSON.stringify(fields);
        return [runId, tenantId, nodeId, visit, attempt, LOG_LEVELS.indexOf(level), at, bytes, message, json];
      }),
    });
  }

  async sizes(runIds: readonly string[]): Promise<Map<string, LogSize>> {
    if (runIds.length === 0) return new Map();
    const rows = await this.database.read<{ runId: string; n: number | string; size: number | string }>(
      `SELECT run_id AS runId, COUNT(*) AS n, SUM(bytes) AS size FROM run_logs
       WHERE run_id IN (${runIds.map(() => '?').join(', ')}) GROUP BY run_id`,
      runIds,
    );
    return new Map(rows.map(({ runId, n, size }) => [runId, { lines: Number(n), bytes: Number(size) }]));
  }

  async read({ tenantId, runId, nodeId, level, after, limit }: LogQuery): Promise<KeptLine[]> {
    const filters: [sql: string, value: unknown][] = [
      ['node_id = ?', nodeId],
      ['level >= ?', level === undefined ? undefined : LOG_LEVELS.indexOf(level)],
    ];
    const stated = filters.filter(([, value]) => value !== undefined);
    const rows = await this.database.read<LineRow>(
      `SELECT id AS n, run_id AS runId, tenant_id AS tenantId, node_id AS nodeId, visit, attempt, level, at, bytes, message, fields
       FROM run_logs WHERE ${['run_id = ?', 'id > ?', 'tenant_id = ?', ...stated.map(([sql]) => sql)].join(' AND ')}
       ORDER BY id LIMIT ?`,
      [runId, after, tenantId, ...stated.map(([, value]) => value), limit],
    );
    return rows.map((row) => ({
      ...row,
      level: LOG_LEVELS[row.level]!,
      fields: row.fields === null ? null : (JSON.parse(row.fields) as JsonObject),
    }));
  }
}
