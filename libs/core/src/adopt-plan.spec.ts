import { describe, expect, it } from '@jest/globals';
import { Chance } from '../../../test/support/in-memory/chance.js';
import { decide } from './decide.js';
import { nodeEvent, runEvent, type EventDraft, type JournalEvent } from './journal-event.js';
import { answerPatch } from './patch-answer.js';
import { compilePlan, type Plan } from './plan.js';
import { reduce } from './reduce.js';
import { initialState, type RunState } from './run-state.js';
import { WorkflowDefinitionSchema, type NodeDefinition } from './workflow-definition.js';

const FACTS = { id: 'r', taskId: null, tenantId: 'default', workflow: 'flow', input: null };
const ERROR = { code: 'node_failed', message: 'x' };
const SEEDS = Array.from({ length: 80 }, (_, index) => index + 1);

const compile = (nodes: readonly object[]): Plan => compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes }));
/** A node as far as these tests write it. */
type Sketch = Pick<NodeDefinition, 'id' | 'type' | 'depends_on' | 'estimate' | 'on_error' | 'when'>;

const nodesOf = (plan: Plan): Sketch[] => plan.nodes.map(({ definition }) => definition);
const upTo = (count: number, chance: Chance): string[] =>
  Array.from({ length: count }, (_, index) => `n${index}`).filter(() => chance.happens(0.35));

/** What decisions are made of, in no order. */
function essence({
  plan,
  nodes,
  remaining,
  unsettled,
  ready,
  running,
  retrying,
  sleeping,
  awaiting,
  undoable,
  mailbox,
}: RunState) {
  const ids = (indexes: Iterable<number>): string[] => [...indexes].map((index) => plan.nodes[index]!.id);
  const instants = (map: ReadonlyMap<number, number>): string[] =>
    [...map].map(([index, at]) => `${plan.nodes[index]!.id} ${at}`).sort();
  return {
    ...{ nodes: plan.nodes.map(({ id }, index) => ({ id, ...nodes[index]! })), remaining: [...remaining], unsettled },
    ...{ ready: ids(ready).sort(), running: ids(running).sort(), undoable: ids(undoable), mailbox },
    ...{ retrying: instants(retrying), sleeping: instants(sleeping) },
    awaiting: [...awaiting].map(([key, indexes]) => [key, ids(indexes)]),
  };
}

/** A run that lives, and is patched, as chance wills. */
class Life {
  readonly events: JournalEvent[] = [];
  readonly plans = new Map<string, Plan>();
  readonly first: Plan;
  readonly state: RunState;
  readonly refused: string[][] = [];
  private made = 6;
  private now = 1_000;

  constructor(private readonly chance: Chance) {
    const nodes = Array.from({ length: this.made }, (_, index) => this.node(`n${index}`, upTo(index, chance)));
    this.first = compile(nodes);
    this.state = initialState(this.first, FACTS);
    this.add(runEvent('run.submitted', this.now, { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' }));
    this.add(runEvent('run.claimed', this.now, { worker_id: 'w' }));
  }

  live(): void {
    while (this.events.length < 120 && this.state.unsettled > 0) {
      this.now += 10;
      if (this.chance.happens(0.3)) this.patch();
      this.advance();
    }
  }

  private node(id: string, dependsOn: string[]): Sketch {
    const more = {
      ...(this.chance.happens(0.4) && { compensate: { type: 'undo' } }),
      ...(this.chance.happens(0.1) && { when: 'false' }),
    };
    return { id, type: 'work', depends_on: dependsOn, on_error: 'continue', ...more };
  }

  private add(draft: EventDraft): void {
    const event = { ...draft, runId: FACTS.id, seq: this.events.length + 1, epoch: 1 };
    reduce(this.state, event, this.plans);
    this.events.push(event);
  }

  private at(index: number, type: EventDraft['type'], payload: object, attempt = this.state.nodes[index]!.attempt): void {
    const subject = { id: this.state.plan.nodes[index]!.id, visit: this.state.nodes[index]!.visit, attempt };
    this.add(nodeEvent(type, subject, this.now, payload as never));
  }

  private advance(): void {
    const { start, settle, resume } = decide(this.state.plan, this.state, this.now);
    for (const { index, key, output } of resume) this.at(index, 'node.resumed', { key, output, signal_id: null });
    for (const { index } of settle) this.at(index, 'node.skipped', { reason: 'no', cuts: true });
    if (resume.length + settle.length > 0) return;
    for (const { index, attempt } of start) if (this.chance.happens(0.6)) this.at(index, 'node.started', {}, attempt);
    for (const index of [...this.state.running]) {
      this.chance.pick([
        () => this.at(index, 'node.completed', { output: this.now }),
        () => this.at(index, 'node.completed', { output: this.now }),
        () => this.at(index, 'node.failed', { error: ERROR, retry_at: this.chance.happens(0.5) ? this.now + 15 : null }),
        () =>
          this.at(index, 'node.suspended', {
            key: `k${this.now}`,
            awaits: { kind: 'time' },
            wake_at: this.now + 25,
            reason: 'w',
          }),
        () => this.at(index, 'node.repeated', { output: this.now }),
        () => undefined,
      ])();
    }
  }

  private change(nodes: readonly Sketch[]): readonly Sketch[] {
    const known = nodes.map(({ id }) => id);
    const victim = this.chance.pick(known);
    const fresh = `n${(this.made += 1)}`;
    const some = (): string[] => known.filter(() => this.chance.happens(0.3));
    const edit = (make: (node: Sketch) => Partial<Sketch>): Sketch[] =>
      nodes.map((node) => (node.id === victim ? { ...node, ...make(node) } : node));
    const without = ({ depends_on }: Sketch): string[] => depends_on.filter((id) => id !== victim);
    return this.chance.pick([
      () => nodes.toSpliced(this.chance.below(nodes.length + 1), 0, this.node(fresh, some())),
      () => [...edit(({ depends_on }) => ({ depends_on: [...depends_on, fresh] })), this.node(fresh, [])],
      () => edit(({ depends_on }) => ({ depends_on: depends_on.slice(1), estimate: this.now })),
      () =>
        nodes.length === 1
          ? nodes
          : nodes.filter(({ id }) => id !== victim).map((node) => ({ ...node, depends_on: without(node) })),
    ])();
  }

  /** Any change at all: the answer says whether it may be. */
  private patch(): void {
    const plan = compile(this.change(nodesOf(this.state.plan)));
    this.plans.set(plan.digest, plan);
    const revision = this.state.lastRevision + 1;
    const signal = { revision, digest: plan.digest, previous_digest: this.state.plan.digest, by: 'ann', reason: 'x' };
    const answer = answerPatch(this.state, plan, signal, this.now);
    if (answer.type === 'run.patch_refused') this.refused.push(answer.payload.error.details!['nodes'] as string[]);
    this.add(answer);
  }
}

describe('a run that is patched again and again', () => {
  it.each(SEEDS)('is after each patch as if it had had its plan from the beginning, seed %i', (seed) => {
    const life = new Life(new Chance(seed));
    life.live();
    const state = initialState(life.first, FACTS);
    for (const [index, event] of life.events.entries()) {
      reduce(state, event, life.plans);
      if (event.type !== 'run.patched') continue;
      const whole = initialState(state.plan, FACTS);
      for (const earlier of life.events.slice(0, index)) if (!earlier.type.startsWith('run.patch')) reduce(whole, earlier);
      expect(essence(state)).toEqual(essence(whole));
    }
    expect(state).toEqual(life.state);
  });

  it.each(SEEDS.slice(0, 10))('is the same at every prefix, whoever folds it, seed %i', (seed) => {
    const life = new Life(new Chance(seed));
    life.live();
    const incremental = initialState(life.first, FACTS);
    for (const [index, event] of life.events.entries()) {
      reduce(incremental, event, life.plans);
      const replayed = initialState(life.first, FACTS);
      for (const earlier of life.events.slice(0, index + 1)) reduce(replayed, structuredClone(earlier), life.plans);
      expect(replayed).toEqual(incremental);
      expect([...replayed.ready]).toEqual([...incremental.ready]);
    }
  });

  it('loses no node that has begun, and is refused some', () => {
    const lives = SEEDS.map((seed) => {
      const life = new Life(new Chance(seed));
      life.live();
      return life;
    });
    for (const { state, events } of lives) {
      const begun = new Set(events.flatMap(({ type, nodeId }) => (type === 'node.started' ? [nodeId!] : [])));
      expect([...begun].filter((id) => !state.plan.indexById.has(id))).toEqual([]);
    }
    expect(lives.flatMap(({ refused }) => refused).length).toBeGreaterThan(30);
    expect(lives.filter(({ state }) => state.revision > 0).length).toBeGreaterThan(30);
  });

  it('cannot be folded without the plan that a patch leads to', () => {
    const state = initialState(compile([{ id: 'a', type: 'work' }]), FACTS);
    const patched = {
      revision: 1,
      digest: 'unknown',
      previous_digest: 'd',
      by: 'ann',
      reason: 'x',
      added: [],
      changed: [],
      removed: [],
    };
    const event = { ...runEvent('run.patched', 1, patched), runId: 'r', seq: 1, epoch: 1 };
    expect(() => reduce(state, event)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
