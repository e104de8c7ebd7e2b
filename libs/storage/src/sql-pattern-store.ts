import { canonicalJson, PatternStore, type KeptPattern, type PatternSpec } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';

interface PatternRow {
  tenant_id: string;
  name: string;
  spec: string;
  created_at: number | string;
  updated_at: number | string;
}

/** {@link PatternStore} on MySQL, MariaDB and SQLite. */
export class SqlPatternStore extends PatternStore {
  constructor(private readonly database: Database) {
    super();
  }

  async create({ tenantId, createdAt, updatedAt, ...spec }: KeptPattern): Promise<boolean> {
    const sql = 'INSERT INTO patterns (tenant_id, name, spec, created_at, updated_at) VALUES (?, ?, ?, ?, ?)';
    try {
      await this.database.write({ sql, values: [tenantId, spec.name, textOf(spec), createdAt, updatedAt] });
      return true;
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      const kept = await this.find(tenantId, spec.name);
      return kept !== null && kept.createdAt === createdAt && textOf(specOf(kept)) === textOf(spec);
    }
  }

  async replace(tenantId: string, spec: PatternSpec, at: number): Promise<KeptPattern | null> {
    const sql = 'UPDATE patterns SET spec = ?, updated_at = ? WHERE tenant_id = ? AND name = ?';
    await this.database.write({ sql, values: [textOf(spec), at, tenantId, spec.name] });
    return this.find(tenantId, spec.name);
  }

  async remove(tenantId: string, name: string): Promise<boolean> {
    const sql = 'DELETE FROM patterns WHERE tenant_id = ? AND name = ?';
    return (await this.database.write({ sql, values: [tenantId, name] })) === 1;
  }

  async find(tenantId: string, name: string): Promise<KeptPattern | null> {
    const sql = 'SELECT * FROM patterns WHERE tenant_id = ? AND name = ?';
    const [row] = await this.database.read<PatternRow>(sql, [tenantId, name]);
    return row === undefined ? null : patternOf(row);
  }

  async list(tenantId: string, { afterName, limit }: { afterName?: string; limit: number }): Promise<KeptPattern[]> {
    const sql = 'SELECT * FROM patterns WHERE tenant_id = ? AND name > ? ORDER BY name LIMIT ?';
    return (await this.database.read<PatternRow>(sql, [tenantId, afterName ?? '', limit])).map(patternOf);
  }
}

function textOf(spec: PatternSpec): string {
  return canonicalJson(spec);
}

function specOf({ name, description, parameters, example, template }: KeptPattern): PatternSpec {
  return { name, description, parameters, example, template };
}

function patternOf({ tenant_id: tenantId, spec, created_at: createdAt, updated_at: updatedAt }: PatternRow): KeptPattern {
  return { ...(JSON.parse(spec) as PatternSpec), tenantId, createdAt: Number(createdAt), updatedAt: Number(updatedAt) };
}
