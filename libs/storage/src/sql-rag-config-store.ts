import { RagConfigStore, type RagConfig, type RagSettings } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';

interface RagConfigRow {
  tenant_id: string;
  revision: number;
  active: string;
  next: string | null;
  run_id: string | null;
  leftovers: string;
  updated_at: number | string;
}

const COLUMNS = 'revision, active, next, run_id, leftovers, updated_at';

/** {@link RagConfigStore} on MySQL, MariaDB and SQLite: one row a tenant, changed by its revision. */
export class SqlRagConfigStore extends RagConfigStore {
  constructor(private readonly database: Database) {
    super();
  }

  async find(tenantId: string): Promise<RagConfig | null> {
    const [row] = await this.database.read<RagConfigRow>(`SELECT tenant_id, ${COLUMNS} FROM rag_configs WHERE tenant_id = ?`, [
      tenantId,
    ]);
    return row === undefined ? null : configOf(row);
  }

  async create(config: RagConfig): Promise<boolean> {
    const sql = `INSERT INTO rag_configs (tenant_id, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
    try {
      await this.database.write({ sql, values: [config.tenantId, ...valuesOf(config)] });
      return true;
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      return false;
    }
  }

  /** A write whose reply was lost is sent again: what it finds then is its own row, not another's. */
  async replace(config: RagConfig, expectedRevision: number): Promise<boolean> {
    const assignments = COLUMNS.split(', ').map((column) => `${column} = ?`);
    const matched = await this.database.write({
      sql: `UPDATE rag_configs SET ${assignments.join(', ')} WHERE tenant_id = ? AND revision = ?`,
      values: [...valuesOf(config), config.tenantId, expectedRevision],
    });
    return matched === 1 || isSame(await this.find(config.tenantId), config);
  }

  async list(): Promise<RagConfig[]> {
    return (await this.database.read<RagConfigRow>(`SELECT tenant_id, ${COLUMNS} FROM rag_configs ORDER BY tenant_id`)).map(
      configOf,
    );
  }
}

function valuesOf({ revision, active, next, runId, leftovers, updatedAt }: RagConfig): unknown[] {
  return [
    revision,
    JSON.stringify(active),
    next === null ? null : JSON.stringify(next),
    runId,
    JSON.stringify(leftovers),
    updatedAt,
  ];
}

function configOf(row: RagConfigRow): RagConfig {
  return {
    tenantId: row.tenant_id,
    revision: row.revision,
    active: JSON.parse(row.active) as RagSettings,
    next: row.next === null ? null : (JSON.parse(row.next) as RagSettings),
    runId: row.run_id,
    leftovers: JSON.parse(row.leftovers) as string[],
    updatedAt: Number(row.updated_at),
  };
}

function isSame(found: RagConfig | null, wanted: RagConfig): boolean {
  return found !== null && JSON.stringify(valuesOf(found)) === JSON.stringify(valuesOf(wanted));
}
