import type { SelectQueryBuilder } from 'typeorm';
import { v7 as uuid } from 'uuid';
import {
  definitionDigest,
  staleVersion,
  WorkflowStore,
  type Workflow,
  type WorkflowDefinition,
  type WorkflowSource,
  type WorkflowSummary,
} from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { DefinitionTable, WorkflowTable, type WorkflowRow } from './schema.js';

/** Each start asks it: one statement, written once. */
const NEWEST_SUMMARIES = ['id', 'name']
  .map((column) => {
    const columns = 'tenant_id AS tenantId, id, version, name, digest, created_at AS createdAt, archived_at AS archivedAt';
    const newest = `SELECT ${columns} FROM workflows WHERE tenant_id = ? AND ${column} = ? ORDER BY version DESC LIMIT 1`;
    return `SELECT * FROM (${newest}) AS by_${column}`;
  })
  .join(' UNION ALL ');

/** {@link WorkflowStore} on MySQL, MariaDB and SQLite. */
export class SqlWorkflowStore extends WorkflowStore {
  constructor(private readonly database: Database) {
    super();
  }

  async keep(
    tenantId: string,
    { definition, source, base }: { definition: WorkflowDefinition; source: WorkflowSource | null; base?: number },
    at: number,
  ): Promise<{ workflow: Workflow; isNew: boolean }> {
    const digest = definitionDigest(definition);
    for (;;) {
      const newest = await this.findRow({ tenantId, name: definition.name });
      const version = newest?.version ?? 0;
      if (newest?.digest !== digest && base !== undefined && base !== version) throw staleVersion(definition, base, version);
      if (newest !== null && newest.archivedAt !== null) await this.revive(newest);
      if (newest?.digest === digest) return { workflow: workflowOf({ ...newest, archivedAt: null }), isNew: false };
      const row: WorkflowRow = {
        ...{ tenantId, id: newest?.id ?? uuid(), version: version + 1, name: definition.name },
        ...{ digest, definition: JSON.stringify(definition), createdAt: at, archivedAt: null },
        ...{ source: source?.text ?? null, sourceFormat: source?.format ?? null },
      };
      try {
        await this.database.insert(WorkflowTable, [row]);
        return { workflow: workflowOf(row), isNew: true };
      } catch (error) {
        // Another process took the version number meanwhile: perhaps with this very definition.
        if (failureKind(error) !== 'duplicate') throw error;
      }
    }
  }

  async findByName(tenantId: string, name: string, version?: number): Promise<Workflow | null> {
    const row = await this.findRow({ tenantId, name, ...(version !== undefined && { version }) });
    return row === null ? null : workflowOf(row);
  }

  async findById(tenantId: string, id: string, version?: number): Promise<Workflow | null> {
    const row = await this.findRow({ tenantId, id, ...(version !== undefined && { version }) });
    return row === null ? null : workflowOf(row);
  }

  async findSummary(tenantId: string, idOrName: string): Promise<WorkflowSummary | null> {
    const values = [tenantId, idOrName, tenantId, idOrName];
    const found = await this.database.read<WorkflowSummary>(NEWEST_SUMMARIES, values);
    return found.find(({ id }) => id === idOrName) ?? found[0] ?? null;
  }

  async findByDigest(digest: string): Promise<WorkflowDefinition | null> {
    const [row] = await this.database.read<{ definition: string }>(
      `SELECT definition FROM workflows WHERE digest = ? UNION ALL SELECT definition FROM definitions WHERE digest = ? LIMIT 1`,
      [digest, digest],
    );
    return row === undefined ? null : (JSON.parse(row.definition) as WorkflowDefinition);
  }

  async keepDefinition(tenantId: string, definition: WorkflowDefinition, at: number): Promise<string> {
    const digest = definitionDigest(definition);
    try {
      const row = { digest, tenantId, definition: JSON.stringify(definition), createdAt: at };
      await this.database.insert(DefinitionTable, [row]);
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
    }
    return digest;
  }

  async list(
    tenantId: string,
    { afterName, limit, archived = false }: { afterName?: string; limit: number; archived?: boolean },
  ): Promise<WorkflowSummary[]> {
    const newest =
      'workflow.version = (SELECT MAX(other.version) FROM workflows other WHERE other.tenant_id = workflow.tenant_id AND other.name = workflow.name)';
    const query = this.summaries()
      .where('workflow.tenantId = :tenantId', { tenantId })
      .andWhere(newest)
      .andWhere(`workflow.archivedAt IS ${archived ? 'NOT ' : ''}NULL`);
    if (afterName !== undefined) query.andWhere('workflow.name > :afterName', { afterName });
    return (await this.database.select(query.orderBy('workflow.name').limit(limit))).map(summaryOf);
  }

  async listVersions(
    tenantId: string,
    id: string,
    { before, limit }: { before?: number; limit: number },
  ): Promise<WorkflowSummary[]> {
    const query = this.summaries().where('workflow.tenantId = :tenantId AND workflow.id = :id', { tenantId, id });
    if (before !== undefined) query.andWhere('workflow.version < :before', { before });
    return (await this.database.select(query.orderBy('workflow.version', 'DESC').limit(limit))).map(summaryOf);
  }

  async archive(tenantId: string, id: string, at: number): Promise<boolean> {
    const sql = 'UPDATE workflows SET archived_at = COALESCE(archived_at, ?) WHERE tenant_id = ? AND id = ?';
    return (await this.database.write({ sql, values: [at, tenantId, id] })) > 0;
  }

  private async revive({ tenantId, id }: WorkflowRow): Promise<void> {
    const sql = 'UPDATE workflows SET archived_at = NULL WHERE tenant_id = ? AND id = ?';
    await this.database.write({ sql, values: [tenantId, id] });
  }

  /** The newest that fits. */
  private async findRow(where: Partial<WorkflowRow>): Promise<WorkflowRow | null> {
    const [row] = await this.database.select(this.query().where(where).orderBy('workflow.version', 'DESC').limit(1));
    return row ?? null;
  }

  /** Without the definitions, which may be large. */
  private summaries(): SelectQueryBuilder<WorkflowRow> {
    const columns = ['tenantId', 'id', 'version', 'name', 'digest', 'createdAt', 'archivedAt'] as const;
    return this.query().select(columns.map((column) => `workflow.${column}`));
  }

  private query(): SelectQueryBuilder<WorkflowRow> {
    return this.database.dataSource.getRepository(WorkflowTable).createQueryBuilder('workflow');
  }
}

function summaryOf({ tenantId, id, version, name, digest, createdAt, archivedAt }: WorkflowRow): WorkflowSummary {
  return { tenantId, id, version, name, digest, createdAt, archivedAt };
}

function workflowOf({ definition, source, sourceFormat, ...row }: WorkflowRow): Workflow {
  return {
    ...row,
    definition: JSON.parse(definition) as WorkflowDefinition,
    source: source === null || sourceFormat === null ? null : { text: source, format: sourceFormat },
  };
}
