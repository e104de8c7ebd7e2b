import type { WorkflowRef } from './run.js';
import type { WorkflowDefinition } from './workflow-definition.js';

/** A version of a workflow; it never changes. */
export interface Workflow extends WorkflowRef {
  tenantId: string;
  definition: WorkflowDefinition;
  createdAt: number;
}

/** Workflow versions, kept by name and by digest. */
export abstract class WorkflowStore {
  /** Keeps a definition: the newest version when its digest is equal, else a new one. Safe in many processes at once. */
  abstract publish(tenantId: string, definition: WorkflowDefinition, at: number): Promise<Workflow>;
  /** The newest version, or the one named. */
  abstract findByName(tenantId: string, name: string, version?: number): Promise<Workflow | null>;
  abstract findByDigest(digest: string): Promise<WorkflowDefinition | null>;
  abstract list(tenantId: string): Promise<Workflow[]>;
}
