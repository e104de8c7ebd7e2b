import { WorkflowDefinitionSchema, type JsonObject, type JsonValue, type WorkflowDefinition } from '@baton/core';

/** The pool of the worker that may be killed: no other process works on its nodes. */
export const DEMO_POOL = 'demo';

const QUESTION = 'What happens when Redis loses everything?';

/** What a first run asks. */
export const DEMO_INPUT: JsonValue = { question: QUESTION };

/** Slow enough to be watched, and to be killed in the middle. */
const NODE_MS = 4_000;

/** The passages that are read and weighed, each in a lane of its own. */
const LANES = [1, 2, 3];

/** A node of the worker that may be killed: it goes over one of the passages. */
const slowly = (verb: string, lane: number, after: string[]): JsonObject => ({
  ...{ id: `${verb}-${lane}`, type: 'echo', pool: DEMO_POOL, depends_on: ['search', ...after] },
  config: { delay_ms: NODE_MS, title: `\${{ nodes.search.output.passages[${lane - 1}].title }}` },
});

/** The workflow of the first run: it answers a question from Baton's own documentation, and asks before it makes a report of the answer. */
export const DEMO_WORKFLOW: WorkflowDefinition = WorkflowDefinitionSchema.parse({
  name: 'first-run',
  description:
    'Answers a question from the documentation of Baton, and asks before it makes a report. Kill its worker meanwhile.',
  nodes: [
    { id: 'search', type: 'retrieve', config: { top_k: 6 } },
    { id: 'draft', type: 'agent', depends_on: ['search'], config: { agent: 'drafter' } },
    ...LANES.map((lane) => slowly('read', lane, [])),
    ...LANES.map((lane) => slowly('weigh', lane, [`read-${lane}`])),
    {
      ...{ id: 'approve', type: 'approval', depends_on: ['draft', ...LANES.map((lane) => `weigh-${lane}`)] },
      config: { title: 'Shall this answer become a report?', payload: '${{ nodes.draft.output.answer }}' },
    },
    ...LANES.map((lane) => ({ ...slowly('verify', lane, ['approve']), when: 'nodes.approve.output.approved' })),
    {
      ...{ id: 'report', type: 'report', depends_on: ['draft', 'approve', ...LANES.map((lane) => `verify-${lane}`)] },
      when: 'nodes.approve.output.approved',
      config: { from: 'nodes.draft.output', title: QUESTION, formats: ['markdown'] },
    },
  ],
  output: 'report',
});
