import { definitionDigest, type WorkflowDefinition, type WorkflowStore } from '@baton/core';

const PAGE = 100;

/**
 * Publishes a workflow that Baton ships, once for each of its definitions. A version that somebody published after it stays the newest, and an
 * archived workflow stays archived, until a new Baton ships another definition.
 */
export async function shipWorkflow(
  workflows: WorkflowStore,
  tenantId: string,
  definition: WorkflowDefinition,
  at: number,
): Promise<void> {
  const known = await workflows.find(tenantId, definition.name);
  if (known !== null && (await hasVersion(workflows, tenantId, known.id, definitionDigest(definition)))) return;
  await workflows.publish(tenantId, definition, at);
}

async function hasVersion(workflows: WorkflowStore, tenantId: string, id: string, digest: string): Promise<boolean> {
  let before: number | undefined;
  for (;;) {
    const versions = await workflows.listVersions(tenantId, id, { limit: PAGE, ...(before !== undefined && { before }) });
    if (versions.some((version) => version.digest === digest)) return true;
    if (versions.length < PAGE) return false;
    before = versions.at(-1)!.version;
  }
}
