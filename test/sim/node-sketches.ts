import type { JsonObject, JsonValue } from '@baton/core';
import type { NodeSketch } from '../support/in-memory/index.js';
import type { GraphDraft } from './graph-draft.js';

/** Fails by faults only, and never for good. */
export const PATIENT = { max_attempts: 100, backoff: 'fixed', initial_ms: 200, jitter: 0 };
export const QUICK = { max_attempts: 4, backoff: 'exponential', initial_ms: 100, max_ms: 2_000, jitter: 0.5 };
export const ONCE = { max_attempts: 1 };
const UNDO: NodeSketch['compensate'] = { type: 'work', config: { effect: true }, retry: PATIENT };

const numberOf = (output: JsonValue): number => (output as JsonObject | null)?.['n'] as number;
export const atLeast = (id: string, least: number): string => `nodes.${id}.output != null && nodes.${id}.output.n >= ${least}`;
export const isAtLeast =
  (least: number) =>
  (output: JsonValue): boolean =>
    output !== null && numberOf(output) >= least;

/** What executes `work`, and how it goes, is in handlers.ts. */
export function work(draft: GraphDraft, config: JsonObject = {}, sketch: NodeSketch = {}): NodeSketch {
  const undo = draft.chance.happens(0.3) ? { compensate: UNDO } : {};
  return {
    type: 'work',
    config: { ms: draft.chance.pick([0, 20, 100, 400, 400, 1_500]), ...config },
    ...undo,
    ...sketch,
  };
}

export function body(draft: GraphDraft): JsonObject {
  const { chance } = draft;
  return chance.pick<JsonObject>([
    { type: 'work', config: { ms: chance.below(200) } },
    { type: 'work', config: { ms: chance.below(200), effect: true } },
    { type: 'work', config: { ms: 20, steps: 2 } },
    { type: 'transform', config: { value: 'done' } },
  ]);
}

/** Most workers serve it. */
export const POOL = 'forge';

export function addPooled(draft: GraphDraft): void {
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

export function childInput({ chance }: GraphDraft): JsonObject {
  return { list: [1, 2], left: chance.below(2) };
}

export function addChildMap(draft: GraphDraft, kind: string, more: JsonObject = {}): void {
  const input = { ...childInput(draft), of: '${{ item }}' };
  const child = { type: 'workflow', config: { workflow: draft.childWorkflow(), input } };
  const config = { items: 'input.list', concurrency: 1 + draft.chance.below(3), body: child, ...more };
  draft.add(kind, { type: 'map', config, retry: PATIENT });
}

/** A run that always fails, and is undone. */
export function addDoomed(draft: GraphDraft): void {
  const done = draft.add('effect', { config: { ms: 20, effect: true }, compensate: UNDO, retry: PATIENT }, { after: [] });
  addFatal(draft, 'fails, and the run is undone', 'compensate', [done]);
}

export function addFatal(draft: GraphDraft, kind: string, on_error: string, after = draft.someNodes()): void {
  if (draft.fatal) return;
  draft.fatal = true;
  const retry = draft.chance.pick([ONCE, QUICK]);
  draft.add(kind, { type: 'work', config: { ms: 50, broken: true }, retry, on_error }, { after });
}

/** Two branches, of which one is taken, and the node where they meet. */
export function addCondition(draft: GraphDraft): void {
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

export function addSwitch(draft: GraphDraft): void {
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

export function addEvent(draft: GraphDraft, kind: string, more: JsonObject = {}): void {
  const event = `event-${draft.newId()}`;
  draft.events.push(event);
  draft.add(kind, { type: 'wait', config: { event, ...more } });
}

/** With a branch for either decision. */
export function addApproval(draft: GraphDraft, kind: string, more: JsonObject = {}): void {
  const asked = draft.add(kind, { type: 'approval', config: more });
  for (const approved of [true, false]) {
    const when = `nodes.${asked}.output != null && nodes.${asked}.output.approved == ${approved}`;
    const node = draft.add('work', work(draft, {}, { when }), { after: [asked] });
    const taken = (output: JsonValue): boolean => (output as JsonObject | null)?.['approved'] === approved;
    draft.branches.push({ node, by: asked, taken });
  }
}
