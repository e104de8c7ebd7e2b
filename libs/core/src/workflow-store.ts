import { BatonError } from './errors.js';
import type { WorkflowRef } from './run.js';
import type { WorkflowDefinition } from './workflow-definition.js';

/** A definition as its author wrote it. */
export interface WorkflowSource {
  format: 'json' | 'yaml';
  text: string;
}

/** A version of a workflow without its content. */
export interface WorkflowSummary extends WorkflowRef {
  tenantId: string;
  createdAt: number;
  /** Since when the workflow, with all its versions, takes no new runs; null: it does. */
  archivedAt: number | null;
}

/** A version of a workflow; its content never changes. */
export interface Workflow extends WorkflowSummary {
  definition: WorkflowDefinition;
  /** Null where it was not published as text. */
  source: WorkflowSource | null;
}

/** A version was made from one that is not the newest any more. */
export function staleVersion({ name }: { name: string }, base: number, newest: number): BatonError {
  const message = `Workflow \`${name}\` is at version ${newest}, not ${base}.`;
  const remedy = 'Read the newest version, and make the change to it.';
  return new BatonError('stale_revision', message, { workflow: name, version: newest }, { remedy });
}

/** Workflow versions, kept by name and by digest. All versions of a name share one id. */
export abstract class WorkflowStore {
  /**
   * Keeps a definition: the newest version when its digest is equal, else a new one. Ends an archiving. Safe in many processes at once.
   * @throws BatonError `stale_revision` for a new version, where `base` is named and is not the newest one; 0: there is none yet.
   */
  abstract keep(
    tenantId: string,
    content: { definition: WorkflowDefinition; source: WorkflowSource | null; base?: number },
    at: number,
  ): Promise<{ workflow: Workflow; isNew: boolean }>;
  /** The newest version, or the one named. */
  abstract findByName(tenantId: string, name: string, version?: number): Promise<Workflow | null>;
  abstract findById(tenantId: string, id: string, version?: number): Promise<Workflow | null>;
  /** The newest version without its content, by id, or else by name. */
  abstract findSummary(tenantId: string, idOrName: string): Promise<WorkflowSummary | null>;
  /** Keeps a definition that a run has and no version is; returns its digest, under which it is found. Keeping it again changes nothing. */
  abstract keepDefinition(tenantId: string, definition: WorkflowDefinition, at: number): Promise<string>;
  /** Of a version, or of what `keepDefinition` kept. */
  abstract findByDigest(digest: string): Promise<WorkflowDefinition | null>;
  /** The newest version of each workflow, by name. */
  abstract list(tenantId: string, page: { afterName?: string; limit: number; archived?: boolean }): Promise<WorkflowSummary[]>;
  /** The versions of one workflow, newest first. */
  abstract listVersions(tenantId: string, id: string, page: { before?: number; limit: number }): Promise<WorkflowSummary[]>;
  /** Lets the workflow take no new runs; one that is archived already keeps its instant. False: there is none. */
  abstract archive(tenantId: string, id: string, at: number): Promise<boolean>;

  /** Keeps a definition that comes from code. */
  async publish(tenantId: string, definition: WorkflowDefinition, at: number): Promise<Workflow> {
    return (await this.keep(tenantId, { definition, source: null }, at)).workflow;
  }

  /** By id, or else by name. */
  async find(tenantId: string, idOrName: string, version?: number): Promise<Workflow | null> {
    return (await this.findById(tenantId, idOrName, version)) ?? (await this.findByName(tenantId, idOrName, version));
  }
}
