import { WorkflowDefinitionSchema, type WorkflowDefinition } from '@baton/core';

/**
 * The built-in workflow `answer`: finds passages, drafts an answer from them, has it reviewed and finishes it.
 * Input `{question, top_k?}`; output `{answer, citations, question, reviewed, …}`, the answer first.
 */
export const ANSWER_WORKFLOW: WorkflowDefinition = WorkflowDefinitionSchema.parse({
  name: 'answer',
  description: 'Answers a question from the ingested documents, with citations.',
  nodes: [
    { id: 'retrieve', type: 'retrieve', config: { top_k: 5 } },
    { id: 'draft', type: 'agent', depends_on: ['retrieve'], config: { role: 'draft' } },
    { id: 'review', type: 'agent', depends_on: ['retrieve', 'draft'], config: { role: 'review' } },
    { id: 'synthesise', type: 'agent', depends_on: ['retrieve', 'draft', 'review'], config: { role: 'synthesise' } },
  ],
  output: 'synthesise',
});
