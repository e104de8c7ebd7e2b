import { AgentSpecSchema, WorkflowDefinitionSchema, type AgentSpec, type WorkflowDefinition } from '@baton/core';

/**
 * The built-in workflow `answer`: finds passages, drafts an answer from them, has it reviewed and finishes it.
 * Input `{question, top_k?}`; output `{answer, citations, question, reviewed, …}`, the answer first.
 */
export const ANSWER_WORKFLOW: WorkflowDefinition = WorkflowDefinitionSchema.parse({
  name: 'answer',
  description: 'Answers a question from the ingested documents, with citations.',
  nodes: [
    { id: 'retrieve', type: 'retrieve' },
    { id: 'draft', type: 'agent', depends_on: ['retrieve'], config: { agent: 'drafter' } },
    { id: 'review', type: 'agent', depends_on: ['retrieve', 'draft'], config: { agent: 'reviewer' } },
    { id: 'synthesise', type: 'agent', depends_on: ['retrieve', 'draft', 'review'], config: { agent: 'synthesiser' } },
  ],
  output: 'synthesise',
});

/** The agents of {@link ANSWER_WORKFLOW}, with the instructions of their roles. A tenant may change them as data. */
export const ANSWER_AGENTS: readonly AgentSpec[] = [
  { name: 'drafter', role: 'draft' },
  { name: 'reviewer', role: 'review' },
  { name: 'synthesiser', role: 'synthesise' },
].map((agent) => AgentSpecSchema.parse(agent));
