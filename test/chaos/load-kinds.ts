import { createHash } from 'node:crypto';
import { WorkflowDefinitionSchema, type JsonObject, type JsonValue, type WorkflowDefinition } from '@baton/core';
import type { Caller } from './caller.js';

/** One kind of work in the mixed load. What a new kind of node needs is one entry in {@link LOAD_KINDS}. */
export interface LoadKind {
  name: string;
  /** Its share of the load, relative to the others. */
  weight: number;
  /** Published before the load begins; none where the kind uses what Baton brings along. */
  definitions: readonly WorkflowDefinition[];
  /** One piece of work, up to its acknowledgement, and what the run then needs from outside (an approval, a signal). */
  operate(caller: Caller): Promise<void>;
}

interface NodeSketch {
  id: string;
  /** `effect` unless it says otherwise. */
  type?: string;
  after?: string[];
  config?: JsonObject;
  pool?: string;
}

/** The pool that {@link Stage} has workers for. */
export const POOL = 'chaos';

function graph(name: string, nodes: NodeSketch[]): WorkflowDefinition {
  return WorkflowDefinitionSchema.parse({
    name,
    nodes: nodes.map(({ after = [], ...node }) => ({
      ...{ type: 'effect', config: {}, ...node, depends_on: after },
      // Nothing in the load fails for good by itself: a run that fails is a finding.
      retry: { max_attempts: 100, backoff: 'fixed', initial_ms: 150, jitter: 0 },
    })),
  });
}

function ofWorkflow(weight: number, definition: WorkflowDefinition, ...others: readonly WorkflowDefinition[]): LoadKind {
  const { name } = definition;
  return { name, weight, definitions: [definition, ...others], operate: async (caller) => void (await caller.startRun(name)) };
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

const approval = graph('chaos-approval', [
  { id: 'before', config: { delay_ms: 20 } },
  { id: 'ask', type: 'approval', after: ['before'] },
  { id: 'after', after: ['ask'], config: { delay_ms: 20 } },
]);
/** One timer is waited for in the worker, the other one parks the run. */
const timer = graph('chaos-timer', [
  { id: 'before' },
  { id: 'short', type: 'wait', after: ['before'], config: { seconds: 0.3 } },
  { id: 'between', after: ['short'] },
  { id: 'long', type: 'wait', after: ['between'], config: { seconds: 2.5 } },
  { id: 'after', after: ['long'] },
]);

const leaf = graph('chaos-leaf', [
  { id: 'first', config: { delay_ms: 40 } },
  { id: 'second', after: ['first'], config: { delay_ms: 20 } },
]);
const asLeaf: JsonValue = { type: 'workflow', config: { workflow: leaf.name } };
const child = graph('chaos-child', [
  { id: 'before', config: { delay_ms: 20 } },
  { id: 'one', type: 'workflow', after: ['before'], config: { workflow: leaf.name } },
  { id: 'many', type: 'map', after: ['before'], config: { items: [1, 2, 3], concurrency: 2, body: asLeaf } },
  { id: 'after', after: ['one', 'many'] },
]);
/** Besides a node that goes out as a whole, one whose steps come back one by one. */
const pooled = graph('chaos-pool', [
  { id: 'before' },
  { id: 'out', pool: POOL, after: ['before'], config: { delay_ms: 60 } },
  {
    ...{ id: 'steps', type: 'map', pool: POOL, after: ['before'] },
    config: { items: [1, 2, 3], concurrency: 1, body: { type: 'effect', config: { delay_ms: 60 } } },
  },
  { id: 'after', after: ['out', 'steps'] },
]);

/** Blocks the event loop of the worker that takes it, for longer than the lease and three times the lock of row 5. */
export const BLOCKING = graph('chaos-block', [{ id: 'only', config: { delay_ms: 200, block_ms: 9_000 } }]);
/** Take down each worker that takes them. */
export const POISON: readonly WorkflowDefinition[] = [
  graph('chaos-abort', [{ id: 'only', config: { crash: 'abort' } }]),
  graph('chaos-memory', [{ id: 'only', config: { crash: 'memory' } }]),
];

/** For rows that need it: it lasts longer than some rows' T. */
export const LONG_RUNS: LoadKind = ofWorkflow(3, long);

export const LOAD_KINDS: readonly LoadKind[] = [
  ofWorkflow(4, oneStep),
  ofWorkflow(2, tenSteps),
  ofWorkflow(2, fanOut),
  ofWorkflow(2, retrying),
  ofWorkflow(1, timer),
  ofWorkflow(1, child, leaf),
  ofWorkflow(1, pooled),
  {
    ...{ name: approval.name, weight: 1, definitions: [approval] },
    operate: async (caller) => {
      const runId = await caller.startRun(approval.name);
      if (runId !== null) await caller.approve(runId);
    },
  },
  { name: 'chaos-task', weight: 2, definitions: [], operate: (caller) => caller.startTaskAtOnce(3) },
];

const GO = 'go';
const waiting = (name: string): WorkflowDefinition =>
  graph(name, [
    { id: 'before', config: { delay_ms: 20 } },
    { id: 'wait', type: 'wait', after: ['before'], config: { event: GO } },
    { id: 'after', after: ['wait'], config: { delay_ms: 20 } },
  ]);
const signalled = waiting('chaos-signals');
const patched = waiting('chaos-patch');
/** Nobody sends what it waits for: it ends by being cancelled. */
export const CANCELLED = waiting('chaos-cancel');

/** Runs that people speak to. */
export const SPOKEN_TO: readonly LoadKind[] = [
  {
    ...{ name: signalled.name, weight: 1, definitions: [signalled] },
    operate: async (caller) => {
      const runId = await caller.startRun(signalled.name);
      if (runId === null) return;
      await caller.tell(runId, 'pause');
      await caller.tell(runId, 'resume');
      await caller.tell(runId, 'events', { name: GO });
    },
  },
  {
    ...{ name: patched.name, weight: 1, definitions: [patched] },
    operate: async (caller) => {
      const runId = await caller.startRun(patched.name);
      if (runId === null) return;
      const node = { id: 'more', type: 'echo', depends_on: ['after'] };
      await caller.tell(runId, 'patch', { revision: 0, patch: [{ op: 'add', path: '/nodes/-', value: node }] });
      await caller.tell(runId, 'events', { name: GO });
    },
  },
  {
    ...{ name: CANCELLED.name, weight: 1, definitions: [CANCELLED] },
    operate: async (caller) => {
      const runId = await caller.startRun(CANCELLED.name);
      if (runId !== null) await caller.tell(runId, 'cancel');
    },
  },
];

const LAYER = Array.from({ length: 20 }, (_, index) => index);
/** Long enough a journal for a checkpoint, where one is made every hundred events. */
const wide = graph(
  'chaos-wide',
  [0, 1, 2, 3].flatMap((layer) =>
    LAYER.map((index) => ({
      ...{ id: `n${layer}-${index}`, config: { delay_ms: 1_500 } },
      after: layer === 0 ? [] : LAYER.map((before) => `n${layer - 1}-${before}`),
    })),
  ),
);
export const LONG_JOURNALS: LoadKind = ofWorkflow(1, wide);

/** Does not become smaller, and is another one in every run. */
const noise = Array.from({ length: 400 }, (_, index) => createHash('sha256').update(`${index}`).digest('hex')).join('');
/** Its outputs are blobs, which later nodes read. */
export const LARGE_OUTPUTS: LoadKind = ofWorkflow(
  4,
  graph('chaos-large', [
    { id: 'before', config: { delay_ms: 20 } },
    { id: 'large', type: 'transform', after: ['before'], config: { value: { run: '${{ run.id }}', noise } } },
    { id: 'between', after: ['large'], config: { delay_ms: 20 } },
    { id: 'again', type: 'transform', after: ['between'], config: { expression: '[nodes.large.output, run.id]' } },
    { id: 'after', after: ['again'], config: { delay_ms: 20 } },
  ]),
);

/** The workflows that a stage publishes. */
export const WORKFLOWS: readonly WorkflowDefinition[] = [
  ...[...LOAD_KINDS, ...SPOKEN_TO, LONG_RUNS, LONG_JOURNALS, LARGE_OUTPUTS].flatMap(({ definitions }) => definitions),
  ...[BLOCKING, ...POISON],
];
