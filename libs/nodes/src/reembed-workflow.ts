import { WorkflowDefinitionSchema, type WorkflowDefinition } from '@baton/core';

/**
 * The built-in workflow `reembed`: embeds a tenant's documents anew and switches searches over. Started by a change of the retrieval
 * configuration only. It outlasts a model or a vector store that is away for some minutes.
 */
export const REEMBED_WORKFLOW: WorkflowDefinition = WorkflowDefinitionSchema.parse({
  name: 'reembed',
  description: 'Embeds all documents anew, after a change of PUT /api/rag/config.',
  nodes: [{ id: 'reembed', type: 'reembed', retry: { max_attempts: 8, initial_ms: 1_000, max_ms: 60_000 } }],
});
