import {
  definitionDigest,
  staleVersion,
  WorkflowStore,
  type Workflow,
  type WorkflowDefinition,
  type WorkflowSummary,
} from '@baton/core';
import type { MemoryDatabase } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link WorkflowStore} of one process over the shared tables. */
export class MemoryWorkflowStore extends WorkflowStore {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  keep(
    tenantId: string,
    { definition, source, base }: Parameters<WorkflowStore['keep']>[1],
    at: number,
  ): Promise<{ workflow: Workflow; isNew: boolean }> {
    return this.calls.make('keep', definition.name, () => {
      const newest = this.versions({ tenantId, name: definition.name })[0];
      const digest = definitionDigest(definition);
      const before = newest?.version ?? 0;
      if (newest?.digest !== digest && base !== undefined && base !== before) throw staleVersion(definition, base, before);
      this.setArchived(tenantId, newest?.id, null);
      if (newest?.digest === digest) return { workflow: { ...newest, archivedAt: null }, isNew: false };
      const version = before + 1;
      const workflow = {
        ...{ id: newest?.id ?? `id-of-${definition.name}`, tenantId, name: definition.name, version, digest },
        ...{ definition, source, createdAt: at, archivedAt: null },
      };
      this.db.workflows.push(workflow);
      return { workflow, isNew: true };
    });
  }

  findByName(tenantId: string, name: string, version?: number): Promise<Workflow | null> {
    return this.calls.make('findByName', name, () => this.pick({ tenantId, name }, version));
  }

  findById(tenantId: string, id: string, version?: number): Promise<Workflow | null> {
    return this.calls.make('findById', id, () => this.pick({ tenantId, id }, version));
  }

  findSummary(tenantId: string, idOrName: string): Promise<WorkflowSummary | null> {
    return this.calls.make('findSummary', idOrName, () => {
      const found = this.pick({ tenantId, id: idOrName }, undefined) ?? this.pick({ tenantId, name: idOrName }, undefined);
      if (found === null) return null;
      const { definition: _definition, source: _source, ...summary } = found;
      return summary;
    });
  }

  findByDigest(digest: string): Promise<WorkflowDefinition | null> {
    return this.calls.make('findByDigest', digest, () => {
      const version = this.db.workflows.find((workflow) => workflow.digest === digest);
      return version?.definition ?? this.db.definitions.get(digest) ?? null;
    });
  }

  keepDefinition(_tenantId: string, definition: WorkflowDefinition): Promise<string> {
    return this.calls.make('keepDefinition', definition.name, () => {
      const digest = definitionDigest(definition);
      this.db.definitions.set(digest, definition);
      return digest;
    });
  }

  list(
    tenantId: string,
    { afterName = '', limit, archived = false }: Parameters<WorkflowStore['list']>[1],
  ): Promise<WorkflowSummary[]> {
    return this.calls.make('list', tenantId, () => {
      const names = [...new Set(this.versions({ tenantId }).map(({ name }) => name))].filter((name) => name > afterName).sort();
      const newest = names.map((name) => this.versions({ tenantId, name })[0]!);
      return newest.filter(({ archivedAt }) => (archivedAt !== null) === archived).slice(0, limit);
    });
  }

  listVersions(
    tenantId: string,
    id: string,
    { before = Infinity, limit }: Parameters<WorkflowStore['listVersions']>[2],
  ): Promise<WorkflowSummary[]> {
    return this.calls.make('listVersions', id, () => {
      return this.versions({ tenantId, id })
        .filter(({ version }) => version < before)
        .slice(0, limit);
    });
  }

  archive(tenantId: string, id: string, at: number): Promise<boolean> {
    return this.calls.make('archive', id, () => this.setArchived(tenantId, id, at));
  }

  private setArchived(tenantId: string, id: string | undefined, at: number | null): boolean {
    const versions = id === undefined ? [] : this.versions({ tenantId, id });
    for (const workflow of versions) workflow.archivedAt = at === null ? null : (workflow.archivedAt ?? at);
    return versions.length > 0;
  }

  private pick(where: Partial<Workflow>, version: number | undefined): Workflow | null {
    return this.versions(where).find((workflow) => version === undefined || workflow.version === version) ?? null;
  }

  /** Newest first. */
  private versions(where: Partial<Workflow>): Workflow[] {
    const wanted = Object.entries(where) as [keyof Workflow, unknown][];
    return this.db.workflows.filter((workflow) => wanted.every(([key, value]) => workflow[key] === value)).reverse();
  }
}
