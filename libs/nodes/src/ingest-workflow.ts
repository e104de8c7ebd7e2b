import { WorkflowDefinitionSchema, type WorkflowDefinition } from '@baton/core';

/**
 * The built-in workflow `ingest`: ingests the files of a batch. Started by POST /api/ingest only. It outlasts a model or a vector store that
 * is away for some minutes.
 */
export const INGEST_WORKFLOW: WorkflowDefinition = WorkflowDefinitionSchema.parse({
  name: 'ingest',
  description: 'Ingests the files that were sent to POST /api/ingest.',
  nodes: [{ id: 'ingest', type: 'ingest', retry: { max_attempts: 8, initial_ms: 1_000, max_ms: 60_000 } }],
});
