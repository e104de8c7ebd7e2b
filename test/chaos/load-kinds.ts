import { WorkflowDefinitionSchema, type WorkflowDefinition } from '@baton/core';
import type { Caller } from './caller.js';

/** One kind of work in the mixed load. What a new kind of node needs is one entry in {@link LOAD_KINDS}. */
export interface LoadKind {
  name: string;
  /** Its share of the load, relative to the others. */
  weight: number;
  /** Published before the load begins; null: the kind uses what Baton brings along. */
  definition: WorkflowDefinition | null;
  /** One piece of work, up to its acknowledgement, and what the run then needs from outside (an approval, a signal). */
  operate(caller: Caller): Promise<void>;
}

type EffectConfig = { delay_ms?: number; fail_attempts?: number };

function graph(name: string, nodes: { id: string; after?: string[]; config?: EffectConfig }[]): WorkflowDefinition {
  return WorkflowDefinitionSchema.parse({
    name,
    nodes: nodes.map(({ id, after = [], config = {} }) => ({
      id,
      type: 'effect',
      depends_on: after,
      config,
      // Nothing in the load fails for good by itself: a run that fails is a finding.
      retry: { max_attempts: 100, backoff: 'fixed', initial_ms: 150, jitter: 0 },
    })),
  });
}

function ofWorkflow(weight: number, definition: WorkflowDefinition): LoadKind {
  const { name } = definition;
  return { name, weight, definition, operate: async (caller) => void (await caller.startRun(name)) };
}

const TEN = Array.from({ length: 10 }, (_, index) => `n${index + 1}`);

/** Still in work when a stopped worker goes on: what that one has left to append meets a run that another holds. */
const long = graph(
  'chaos-long',
  TEN.map((id, index) => ({ id, after: index === 0 ? [] : [TEN[index - 1]!], config: { delay_ms: 1_500 } })),
);
const oneStep = graph('chaos-one', [{ id: 'only', config: { delay_ms: 30 } }]);
const tenSteps = graph(
  'chaos-ten',
  TEN.map((id, index) => ({ id, after: index === 0 ? [] : [TEN[index - 1]!], config: { delay_ms: 40 } })),
);
const fanOut = graph('chaos-fan', [
  { id: 'first' },
  ...TEN.map((id) => ({ id, after: ['first'], config: { delay_ms: 60 } })),
  { id: 'last', after: TEN },
]);
const retrying = graph('chaos-retry', [
  { id: 'stubborn', config: { delay_ms: 20, fail_attempts: 2 } },
  { id: 'then', after: ['stubborn'], config: { delay_ms: 20 } },
]);

/** For rows that need it: it lasts longer than some rows' T. */
export const LONG_RUNS: LoadKind = ofWorkflow(3, long);

export const LOAD_KINDS: readonly LoadKind[] = [
  ofWorkflow(4, oneStep),
  ofWorkflow(2, tenSteps),
  ofWorkflow(2, fanOut),
  ofWorkflow(2, retrying),
  { name: 'chaos-task', weight: 2, definition: null, operate: (caller) => caller.startTaskAtOnce(3) },
];

/** The workflows that a stage publishes. */
export const WORKFLOWS: readonly WorkflowDefinition[] = [...LOAD_KINDS, LONG_RUNS].flatMap(({ definition }) =>
  definition === null ? [] : [definition],
);
