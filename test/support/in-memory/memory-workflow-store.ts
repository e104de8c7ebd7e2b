import { definitionDigest, WorkflowStore, type Workflow, type WorkflowDefinition } from '@baton/core';
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

  publish(tenantId: string, definition: WorkflowDefinition, at: number): Promise<Workflow> {
    return this.calls.make('publish', definition.name, () => {
      const newest = this.versions(tenantId, definition.name)[0];
      const digest = definitionDigest(definition);
      if (newest?.digest === digest) return newest;
      const version = (newest?.version ?? 0) + 1;
      const workflow = {
        id: `${definition.name}-v${version}`,
        tenantId,
        name: definition.name,
        version,
        digest,
        definition,
        createdAt: at,
      };
      this.db.workflows.push(workflow);
      return workflow;
    });
  }

  findByName(tenantId: string, name: string, version?: number): Promise<Workflow | null> {
    return this.calls.make('findByName', name, () => {
      const versions = this.versions(tenantId, name);
      return versions.find((workflow) => version === undefined || workflow.version === version) ?? null;
    });
  }

  findByDigest(digest: string): Promise<WorkflowDefinition | null> {
    return this.calls.make('findByDigest', digest, () => {
      return this.db.workflows.find((workflow) => workflow.digest === digest)?.definition ?? null;
    });
  }

  list(tenantId: string): Promise<Workflow[]> {
    return this.calls.make('list', tenantId, () => this.db.workflows.filter((workflow) => workflow.tenantId === tenantId));
  }

  /** Newest first. */
  private versions(tenantId: string, name: string): Workflow[] {
    return this.db.workflows.filter((workflow) => workflow.tenantId === tenantId && workflow.name === name).reverse();
  }
}
