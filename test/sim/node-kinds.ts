import type { JsonObject, JsonValue } from '@baton/core';
import type { NodeSketch } from '../support/in-memory/index.js';
import type { GraphDraft } from './graph-draft.js';

/** A way to add something to a graph. Its name is what the counters count, once a node of it has started (or is skipped, where it never starts). */
export interface NodeKind {
  name: string;
  /** How often it is drawn, beside the others. */
  weight: number;
  /** It may fail the run, or say nothing new there. */
  notInChildren?: true;
  add(draft: GraphDraft): void;
}

/** Fails by faults only, and never for good. */
const PATIENT = { max_attempts: 100, backoff: 'fixed', initial_ms: 200, jitter: 0 };
const QUICK = { max_attempts: 4, backoff: 'exponential', initial_ms: 100, max_ms: 2_000, jitter: 0.5 };
const ONCE = { max_attempts: 1 };
const UNDO: NodeSketch['compensate'] = { type: 'work', config: { effect: true }, retry: PATIENT };

const numberOf = (output: JsonValue): number => (output as JsonObject | null)?.['n'] as number;
const atLeast = (id: string, least: number): string => `nodes.${id}.output != null && nodes.${id}.output.n >= ${least}`;
const isAtLeast =
  (least: number) =>
  (output: JsonValue): boolean =>
    output !== null && numberOf(output) >= least;

/** What executes `work`, and how it goes, is in handlers.ts. */
function work(draft: GraphDraft, config: JsonObject = {}, sketch: NodeSketch = {}): NodeSketch {
  const undo = draft.chance.happens(0.3) ? { compensate: UNDO } : {};
  return {
    type: 'work',
    config: { ms: draft.chance.pick([0, 20, 100, 400, 400, 1_500]), ...config },
    ...undo,
    ...sketch,
  };
}

function body(draft: GraphDraft): JsonObject {
  const { chance } = draft;
  return chance.pick<JsonObject>([
    { type: 'work', config: { ms: chance.below(200) } },
    { type: 'work', config: { ms: chance.below(200), effect: true } },
    { type: 'work', config: { ms: 20, steps: 2 } },
    { type: 'transform', config: { value: 'done' } },
  ]);
}

/** Every kind of node. Whoever adds a node type adds a line. */
export const NODE_KINDS: readonly NodeKind[] = [
  { name: 'work', weight: 8, add: (draft) => void draft.givesNumber(draft.add('work', work(draft))) },
  {
    name: 'work in steps',
    weight: 4,
    add: (draft) => void draft.givesNumber(draft.add('work in steps', work(draft, { steps: 1 + draft.chance.below(3) }))),
  },
  {
    name: 'work that waits',
    weight: 2,
    add: (draft) => {
      const config = { steps: 2, nap_ms: draft.chance.pick([300, 1_500, 4_000]) };
      draft.givesNumber(draft.add('work that waits', work(draft, config)));
    },
  },
  {
    name: 'effect',
    weight: 6,
    add: (draft) => void draft.givesNumber(draft.add('effect', work(draft, { effect: true }, { retry: PATIENT }))),
  },
  {
    name: 'flaky',
    weight: 3,
    add: (draft) =>
      void draft.givesNumber(draft.add('flaky', work(draft, { fails: 1 + draft.chance.below(2) }, { retry: QUICK }))),
  },
  {
    name: 'too slow',
    weight: 2,
    add: (draft) =>
      void draft.givesNumber(draft.add('too slow', work(draft, { hangs: 1, effect: true }, { timeout: 2, retry: PATIENT }))),
  },
  {
    name: 'fails, and the run goes on',
    weight: 2,
    add: (draft) =>
      void draft.add(
        'fails, and the run goes on',
        work(draft, { broken: true }, { retry: draft.chance.pick([ONCE, QUICK]), on_error: 'continue' }),
      ),
  },
  { name: 'fails', weight: 1, notInChildren: true, add: (draft) => addFatal(draft, 'fails', 'fail') },
  {
    name: 'fails, and the run is undone',
    weight: 2,
    notInChildren: true,
    add: (draft) => addFatal(draft, 'fails, and the run is undone', 'compensate'),
  },
  {
    name: 'transform',
    weight: 3,
    add: (draft) => {
      const from = draft.aNumberedNode();
      const config = draft.chance.happens(0.5)
        ? { value: { was: `\${{ nodes.${from}.output }}`, of: '${{ input.list }}' } }
        : { expression: `nodes.${from}.output == null ? {"n": 0.0} : {"n": nodes.${from}.output.n + 1}` };
      const id = draft.add('transform', { type: 'transform', config }, { after: [from] });
      if ('expression' in config) draft.givesNumber(id);
    },
  },
  { name: 'condition', weight: 4, add: addCondition },
  { name: 'switch', weight: 3, add: addSwitch },
  {
    name: 'when',
    weight: 3,
    add: (draft) => {
      const by = draft.aNumberedNode();
      const least = draft.chance.below(10);
      const node = draft.add('when', work(draft, { effect: true }, { when: atLeast(by, least), retry: PATIENT }), {
        after: [by],
      });
      draft.branches.push({ node, by, taken: isAtLeast(least) });
      draft.add('work', work(draft), { after: [node] });
    },
  },
  {
    name: 'map',
    weight: 4,
    add: (draft) => {
      const config = { items: 'input.list', concurrency: 1 + draft.chance.below(3), body: body(draft) };
      draft.add('map', { type: 'map', config, retry: PATIENT });
    },
  },
  {
    name: 'map that joins early',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      const join = draft.chance.pick<JsonValue>(['first', { at_least: 2 }]);
      draft.add('map that joins early', {
        type: 'map',
        config: { items: 'input.list', join, body: body(draft) },
        retry: PATIENT,
      });
    },
  },
  {
    name: 'loop',
    weight: 3,
    add: (draft) => {
      const times = 1 + draft.chance.below(4);
      const config = { body: body(draft), until: `visit >= ${times}`, max_visits: 10 };
      draft.add('loop', { type: 'loop', config, retry: PATIENT });
    },
  },
  {
    name: 'loop that waits',
    weight: 1,
    add: (draft) => {
      const config = { body: { type: 'wait', config: { seconds: 1 } }, until: 'visit >= 2', max_visits: 2 };
      draft.add('loop that waits', { type: 'loop', config });
    },
  },
  {
    name: 'wait',
    weight: 3,
    add: (draft) => void draft.add('wait', { type: 'wait', config: { seconds: draft.chance.pick([0, 0.5, 3, 8]) } }),
  },
  { name: 'wait for an event', weight: 3, add: (draft) => addEvent(draft, 'wait for an event') },
  {
    name: 'wait for an event, not for ever',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      addEvent(draft, 'wait for an event, not for ever', { seconds: 1 + draft.chance.below(6) });
    },
  },
  { name: 'approval', weight: 3, add: (draft) => addApproval(draft, 'approval') },
  {
    name: 'approval with a deadline',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      addApproval(draft, 'approval with a deadline', { deadline: 1 + draft.chance.below(6) });
    },
  },
  {
    name: 'aggregate',
    weight: 3,
    add: (draft) =>
      void draft.add('aggregate', { type: 'aggregate', config: { mode: draft.chance.pick(['list', 'object', 'concat']) } }),
  },
  {
    name: 'echo',
    weight: 2,
    add: (draft) => void draft.add('echo', { type: 'echo', config: { said: draft.chance.below(100) } }),
  },
  {
    name: 'of a type that nobody has',
    weight: 1,
    add: (draft) => void draft.add('of a type that nobody has', { type: 'unheard-of' }),
  },
  {
    name: 'of a type that one worker has',
    weight: 1,
    add: (draft) => {
      // Skipped where that worker is gone.
      draft.racy = true;
      draft.add('of a type that one worker has', { type: 'special' });
    },
  },
  { name: 'in a pool', weight: 6, add: addPooled },
  {
    name: 'map in a pool',
    weight: 1,
    add: (draft) =>
      void draft.add('map in a pool', {
        ...{ type: 'map', config: { items: 'input.list', body: body(draft) } },
        ...{ pool: POOL, retry: PATIENT },
      }),
  },
  {
    name: 'in a pool that nobody serves',
    weight: 1,
    notInChildren: true,
    add: (draft) =>
      void draft.add('in a pool that nobody serves', { pool: 'nowhere', timeout: 1, retry: ONCE, on_error: 'continue' }),
  },
  {
    name: 'child run',
    weight: 3,
    add: (draft) => {
      const pooled = draft.chance.happens(0.2) ? { pool: POOL } : {};
      const config = { workflow: draft.childWorkflow(), input: childInput(draft) };
      draft.add('child run', { type: 'workflow', config, retry: PATIENT, ...pooled });
    },
  },
  {
    name: 'child run that fails',
    weight: 2,
    add: (draft) => {
      const config = { workflow: draft.childWorkflow('doomed'), input: childInput(draft) };
      const retry = draft.chance.pick([ONCE, { ...QUICK, max_attempts: 2 }]);
      draft.add('child run that fails', { type: 'workflow', config, retry, on_error: 'continue' });
    },
  },
  {
    name: 'work with a child run',
    weight: 2,
    add: (draft) => {
      const config = { ms: 400, steps: 1, child: draft.childWorkflow(), effect: true };
      draft.givesNumber(draft.add('work with a child run', work(draft, config, { retry: PATIENT })));
    },
  },
  { name: 'map over child runs', weight: 2, add: (draft) => addChildMap(draft, 'map over child runs') },
  {
    name: 'map over child runs that joins early',
    weight: 1,
    add: (draft) => {
      draft.racy = true;
      addChildMap(draft, 'map over child runs that joins early', {
        join: draft.chance.pick<JsonValue>(['first', { at_least: 2 }]),
      });
    },
  },
  {
    name: 'map over child runs that fail',
    weight: 1,
    add: (draft) => {
      const failing = { type: 'workflow', config: { workflow: draft.childWorkflow('doomed') } };
      const config = { items: 'input.list', concurrency: 2, body: failing, on_item_error: 'continue' };
      draft.add('map over child runs that fail', { type: 'map', config });
    },
  },
  {
    name: 'goes on in a new run',
    weight: 2,
    add: (draft) => {
      const input = { list: '${{ input.list }}', left: '${{ input.left - 1 }}' };
      draft.add('goes on in a new run', { type: 'continue_as_new', when: 'input.left > 0', config: { input } });
    },
  },
  {
    name: 'changes its run',
    weight: 2,
    add: (draft) => {
      const pooled = draft.chance.happens(0.2) ? { pool: POOL } : {};
      draft.add('changes its run', { config: { ms: 20, adds: true, steps: draft.chance.below(2) }, retry: PATIENT, ...pooled });
    },
  },
  {
    name: 'call of a target',
    weight: 2,
    add: (draft) => {
      draft.settings.circuit_breaker = { failure_threshold: 2, timeout: 1 };
      const config = { ms: 20, fails: draft.chance.below(4), effect: true };
      draft.add('call of a target', { type: 'call', config, retry: PATIENT });
    },
  },
];

/** Most workers serve it. */
export const POOL = 'forge';

function addPooled(draft: GraphDraft): void {
  const { chance } = draft;
  const config = chance.pick<JsonObject>([
    { effect: true },
    { effect: true, steps: 1 + chance.below(3) },
    { fails: 1 + chance.below(2) },
    { steps: 2, nap_ms: chance.pick([300, 1_500]) },
    { effect: true, hangs: 1 },
  ]);
  const limited = 'hangs' in config ? { timeout: 2 } : {};
  draft.givesNumber(draft.add('in a pool', work(draft, config, { pool: POOL, retry: PATIENT, ...limited })));
}

function childInput({ chance }: GraphDraft): JsonObject {
  return { list: [1, 2], left: chance.below(2) };
}

function addChildMap(draft: GraphDraft, kind: string, more: JsonObject = {}): void {
  const input = { ...childInput(draft), of: '${{ item }}' };
  const body = { type: 'workflow', config: { workflow: draft.childWorkflow(), input } };
  const config = { items: 'input.list', concurrency: 1 + draft.chance.below(3), body, ...more };
  draft.add(kind, { type: 'map', config, retry: PATIENT });
}

/** A run that always fails, and is undone. */
export function addDoomed(draft: GraphDraft): void {
  const done = draft.add('effect', { config: { ms: 20, effect: true }, compensate: UNDO, retry: PATIENT }, { after: [] });
  addFatal(draft, 'fails, and the run is undone', 'compensate', [done]);
}

function addFatal(draft: GraphDraft, kind: string, on_error: string, after = draft.someNodes()): void {
  if (draft.fatal) return;
  draft.fatal = true;
  const retry = draft.chance.pick([ONCE, QUICK]);
  draft.add(kind, { type: 'work', config: { ms: 50, broken: true }, retry, on_error }, { after });
}

/** Two branches, of which one is taken, and the node where they meet. */
function addCondition(draft: GraphDraft): void {
  const by = draft.aNumberedNode();
  const least = draft.chance.below(10);
  const [then, otherwise] = [draft.newId(), draft.newId()];
  const config = { if: atLeast(by, least), then: [then], else: [otherwise] };
  const condition = draft.add('condition', { type: 'condition', config }, { after: [by] });
  const more = draft.someNodes();
  draft.add('work', work(draft, { effect: true }, { retry: PATIENT }), { id: then, after: [condition] });
  draft.add('work', work(draft), { id: otherwise, after: [...new Set([condition, ...more])] });
  draft.branches.push({ node: then, by, chooser: condition, taken: isAtLeast(least) });
  draft.branches.push({ node: otherwise, by, chooser: condition, taken: (output) => !isAtLeast(least)(output) });
  const after = draft.chance.happens(0.5) ? [draft.add('work', work(draft), { after: [then] }), otherwise] : [then, otherwise];
  draft.add('aggregate', { type: 'aggregate' }, { after });
}

function addSwitch(draft: GraphDraft): void {
  const by = draft.aNumberedNode();
  const [low, high, rest] = [draft.newId(), draft.newId(), draft.newId()];
  const cases = [
    { when: `nodes.${by}.output != null && nodes.${by}.output.n < 3`, then: [low] },
    { when: atLeast(by, 7), then: [high] },
  ];
  const chooser = draft.add('switch', { type: 'switch', config: { cases, default: [rest] } }, { after: [by] });
  const more = draft.someNodes();
  for (const id of [low, high, rest]) draft.add('work', work(draft), { id, after: [...new Set([chooser, ...more])] });
  const isLow = (output: JsonValue): boolean => output !== null && numberOf(output) < 3;
  const isHigh = isAtLeast(7);
  const of = { by, chooser };
  draft.branches.push({ node: low, ...of, taken: isLow }, { node: high, ...of, taken: isHigh });
  draft.branches.push({ node: rest, ...of, taken: (output) => !isLow(output) && !isHigh(output) });
}

function addEvent(draft: GraphDraft, kind: string, more: JsonObject = {}): void {
  const event = `event-${draft.newId()}`;
  draft.events.push(event);
  draft.add(kind, { type: 'wait', config: { event, ...more } });
}

/** With a branch for either decision. */
function addApproval(draft: GraphDraft, kind: string, more: JsonObject = {}): void {
  const asked = draft.add(kind, { type: 'approval', config: more });
  for (const approved of [true, false]) {
    const when = `nodes.${asked}.output != null && nodes.${asked}.output.approved == ${approved}`;
    const node = draft.add('work', work(draft, {}, { when }), { after: [asked] });
    const taken = (output: JsonValue): boolean => (output as JsonObject | null)?.['approved'] === approved;
    draft.branches.push({ node, by: asked, taken });
  }
}
