import type { SelectQueryBuilder } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { definitionDigest, WorkflowStore, type Workflow, type WorkflowDefinition } from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { WorkflowTable, type WorkflowRow } from './schema.js';

/** {@link WorkflowStore} on MySQL, MariaDB and SQLite. All versions of a name share one id. */
export class SqlWorkflowStore extends WorkflowStore {
  constructor(private readonly database: Database) {
    super();
  }

  async publish(tenantId: string, definition: WorkflowDefinition, at: number): Promise<Workflow> {
    const digest = definitionDigest(definition);
    for (;;) {
      const newest = await this.findRow(tenantId, definition.name);
      if (newest?.digest === digest) return workflowOf(newest);
      const row: WorkflowRow = {
        ...{ tenantId, id: newest?.id ?? uuid(), version: (newest?.version ?? 0) + 1, name: definition.name },
        ...{ digest, definition: JSON.stringify(definition), createdAt: at },
      };
      try {
        await this.database.insert(WorkflowTable, [row]);
        return workflowOf(row);
      } catch (error) {
        // Another process took the version number meanwhile: perhaps with this very definition.
        if (failureKind(error) !== 'duplicate') throw error;
      }
    }
  }

  async findByName(tenantId: string, name: string, version?: number): Promise<Workflow | null> {
    const row = await this.findRow(tenantId, name, version);
    return row === null ? null : workflowOf(row);
  }

  async findByDigest(digest: string): Promise<WorkflowDefinition | null> {
    const [row] = await this.database.select(this.query().where({ digest }).limit(1));
    return row === undefined ? null : (JSON.parse(row.definition) as WorkflowDefinition);
  }

  /** All versions, by name, newest first. */
  async list(tenantId: string): Promise<Workflow[]> {
    const query = this.query().where({ tenantId }).orderBy('workflow.name').addOrderBy('workflow.version', 'DESC');
    return (await this.database.select(query)).map(workflowOf);
  }

  private async findRow(tenantId: string, name: string, version?: number): Promise<WorkflowRow | null> {
    const query = this.query().where({ tenantId, name, ...(version !== undefined && { version }) });
    const [row] = await this.database.select(query.orderBy('workflow.version', 'DESC').limit(1));
    return row ?? null;
  }

  private query(): SelectQueryBuilder<WorkflowRow> {
    return this.database.dataSource.getRepository(WorkflowTable).createQueryBuilder('workflow');
  }
}

function workflowOf({ definition, ...row }: WorkflowRow): Workflow {
  return { ...row, definition: JSON.parse(definition) as WorkflowDefinition };
}
