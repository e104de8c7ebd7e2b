import { BatonError, type Workflow, type WorkflowStore, type WorkflowSummary } from '@baton/core';

/**
 * A workflow that takes new runs, by id or name.
 * @throws BatonError `workflow_not_found`, `workflow_archived`.
 */
export async function findRunnable(
  workflows: WorkflowStore,
  tenantId: string,
  idOrName: string,
  version?: number,
): Promise<Workflow> {
  return requireRunnable(await workflows.find(tenantId, idOrName, version), idOrName, version);
}

/** @throws BatonError as {@link findRunnable}, for what was found under an id or name. */
export function requireRunnable<Found extends WorkflowSummary>(
  workflow: Found | null,
  idOrName: string,
  version?: number,
): Found {
  const ids = { workflow: idOrName, ...(version !== undefined && { version }) };
  if (workflow === null) throw new BatonError('workflow_not_found', `There is no workflow \`${idOrName}\`.`, ids);
  if (workflow.archivedAt !== null) throw new BatonError('workflow_archived', `\`${workflow.name}\` takes no new runs.`, ids);
  return workflow;
}
