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
  const digest = definitionDigest(definition);
  const known = await workflows.find(tenantId, definition.name);
  for (let before: number | undefined; known !== null;) {
    const versions = await workflows.listVersions(tenantId, known.id, { limit: PAGE, ...(before !== undefined && { before }) });
    if (versions.some((version) => version.digest === digest)) return;
    before = versions.at(-1)?.version;
    if (versions.length < PAGE) break;
  }
  await workflows.publish(tenantId, definition, at);
}
