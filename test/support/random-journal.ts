import {
  BUDGET_NODE,
  reachedPayload,
  compilePlan,
  decide,
  initialState,
  nodeEvent,
  reduce,
  runEvent,
  WorkflowDefinitionSchema,
  type EventDraft,
  type EventPayload,
  type JournalEvent,
  type JsonValue,
  type Plan,
  type RunState,
} from '@baton/core';
import { Chance } from './in-memory/chance.js';

export const FACTS = { id: 'r', taskId: 't', tenantId: 'default', workflow: 'flow', input: { n: 1 } };
const ERROR = { code: 'node_failed', message: 'x', details: { n: 1 } };
const USAGE = { model_calls: 1, prompt_tokens: 7, completion_tokens: 3, cost_micros: 2, model: 'local/m', agent: 'w' };
const SUBMITTED = { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: 'd' };

export interface RandomJournal {
  readonly plan: Plan;
  /** Those that patches lead to, by digest. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly events: readonly JournalEvent[];
}

/** The journal of one run as chance wills: any outcome of any node, signals, pauses, claims, an undoing, an end. */
export function randomJournal(seed: number): RandomJournal {
  const writer = new JournalOfChance(new Chance(seed));
  const events = writer.write();
  return { plan: writer.plan, plans: writer.plans, events };
}

const publish = (nodes: readonly object[]): Plan => compilePlan(WorkflowDefinitionSchema.parse({ name: 'flow', nodes }));

function randomPlan(chance: Chance): Plan {
  const nodes = Array.from({ length: 1 + chance.below(7) }, (_, index) => ({
    ...{ id: `n${index}`, type: 'work' },
    depends_on: Array.from({ length: index }, (_none, earlier) => `n${earlier}`).filter(() => chance.happens(0.3)),
    ...(chance.happens(0.7) && { compensate: { type: 'undo' } }),
    ...(chance.happens(0.1) && { when: 'false' }),
    on_error: chance.pick(['fail', 'continue', 'compensate', 'compensate']),
  }));
  return publish(nodes);
}

class JournalOfChance {
  readonly plan: Plan;
  readonly plans = new Map<string, Plan>();
  private readonly state: RunState;
  private readonly events: JournalEvent[] = [];
  private now = 1_000;
  private epoch = 0;
  private lastSignal = 0;

  constructor(private readonly chance: Chance) {
    this.plan = randomPlan(chance);
    this.state = initialState(this.plan, FACTS);
  }

  write(): JournalEvent[] {
    this.submit();
    this.claim();
    while (this.events.length < 150 && !this.end()) {
      this.now += this.chance.below(20);
      this.advance();
      if (this.chance.happens(0.1)) this.claim();
      if (this.chance.happens(0.1)) this.steer();
      if (this.chance.happens(0.2)) this.receive();
      if (this.chance.happens(0.03)) this.patch();
      if (this.chance.happens(0.05)) this.spend();
    }
    return this.events;
  }

  private add(draft: EventDraft): void {
    const event = { ...draft, runId: FACTS.id, seq: this.events.length + 1, epoch: this.epoch };
    reduce(this.state, event, this.plans);
    this.events.push(event);
  }

  private submit(): void {
    const root = this.plan.nodes[this.plan.roots[0]!]!.id;
    const snapshot = [{ id: root, status: 'completed' as const, visit: 1, output: this.value() }];
    const fork = { forked_from: { run_id: 'old', seq: 9, nodes: ['n1'] }, snapshot };
    this.add(runEvent('run.submitted', this.now, { ...SUBMITTED, ...(this.chance.happens(0.2) && fork) }));
  }

  private claim(): void {
    this.epoch += 1;
    this.add(runEvent('run.claimed', this.now, { worker_id: `w${this.epoch}` }));
  }

  /** True once the run has ended. */
  private end(): boolean {
    const { outcome } = decide(this.state.plan, this.state, this.now);
    if (outcome?.status === 'completed') this.add(runEvent('run.completed', this.now, { output: outcome.output }));
    else if (outcome?.status === 'failed') this.add(runEvent('run.failed', this.now, { error: outcome.error }));
    else if (this.chance.happens(0.01)) this.add(runEvent('run.cancelled', this.now, { reason: 'enough', by: 'ann' }));
    else return false;
    return true;
  }

  private advance(): void {
    const { start, resume, settle, undo, children, cancel, wakeAt } = decide(this.state.plan, this.state, this.now);
    if (cancel.length > 0) return this.add(runEvent('children.cancelled', this.now, { child_ids: [...cancel] }));
    for (const { index, key, places } of children) this.node(index, 'children.started', { key, places: [...places] });
    for (const { index, key, output, signalId } of resume)
      this.node(index, 'node.resumed', { key, output: output as unknown as JsonValue, signal_id: signalId });
    for (const { index, verdict } of settle)
      if ('skip' in verdict) this.node(index, 'node.skipped', { reason: verdict.skip, cuts: true });
    if (undo?.kind === 'begin') this.add(runEvent('run.compensating', this.now, { error: undo.error, node_id: undo.nodeId }));
    if (undo?.kind === 'undo') this.undo(undo.index, undo.attempt);
    if (resume.length + settle.length > 0 || undo !== null) return;
    for (const { index, attempt } of start) this.begin(index, attempt);
    for (const index of [...this.state.running, ...this.state.dispatched.keys()])
      if (this.chance.happens(0.7)) this.finish(index);
    if (this.state.running.size === 0 && this.chance.happens(0.3))
      this.add(runEvent('run.waiting', this.now, { wake_at: wakeAt, reason: 'it waits' }));
  }

  /** Reaches the budget; what was asked is renewed, granted or refused. */
  private spend(): void {
    const { asking } = this.state.budget;
    const over = [{ amount: 'tokens' as const, limit: 10, used: 9, wanted: 5, grant: 10 }];
    if (asking === null) {
      const scope = this.chance.pick(['run', 'tenant'] as const);
      return this.add(runEvent('budget.reached', this.now, reachedPayload(this.state, { scope, over, until: this.now + 30 })));
    }
    if (this.chance.happens(0.5)) return this.add(runEvent('budget.renewed', this.now, { number: asking.number }));
    const decision = this.chance.happens(0.9) ? 'approve' : 'reject';
    const payload = { node_id: BUDGET_NODE, visit: asking.number, decision, by: 'ann', comment: null, payload: { tokens: 10 } };
    this.add(runEvent('signal.received', this.now, { signal_id: this.events.length, type: 'decide', payload }));
  }

  private begin(index: number, attempt: number): void {
    const dispatch = { pool: 'gpu', deadline: this.now + 40 };
    if (this.chance.happens(0.3)) this.node(index, 'node.dispatched', dispatch, attempt);
    else this.node(index, 'node.started', {}, attempt);
  }

  private undo(index: number, attempt: number): void {
    this.node(index, 'compensation.started', {}, attempt);
    if (this.chance.happens(0.2)) this.node(index, 'step.completed', { key: 'undone', output: this.value() }, attempt);
    const retryAt = this.chance.happens(0.5) ? this.now + 5 : null;
    if (this.chance.happens(0.6)) this.node(index, 'compensation.completed', { output: null }, attempt);
    else this.node(index, 'compensation.failed', { error: ERROR, retry_at: retryAt }, attempt);
  }

  private finish(index: number): void {
    const wakeAt = this.chance.happens(0.5) ? this.now + 10 : null;
    const awaits = this.chance.pick([{ kind: 'event', name: 'go' }, { kind: 'approval' }, { kind: 'time' }] as const);
    const key = `k${this.now}`;
    const moves = [
      () => this.node(index, 'step.completed', { key, output: this.value(), ...(this.chance.happens(0.5) && { usage: USAGE }) }),
      () => this.node(index, 'node.completed', { output: this.value() }),
      () => this.node(index, 'node.completed', { output: this.value() }),
      () => this.node(index, 'node.repeated', { output: this.value() }),
      () => this.node(index, 'node.failed', { error: ERROR, retry_at: this.chance.happens(0.4) ? this.now + 5 : null }),
      () => this.node(index, 'node.suspended', { key, awaits, wake_at: wakeAt ?? this.now + 30, reason: 'why' }),
      () => this.suspendOnChildren(index),
      () => this.suspendOnChildren(index),
      () => this.node(index, 'node.interrupted', { reason: 'paused' }),
    ];
    this.chance.pick(moves)();
  }

  /** Under a key that a failure makes it wait for once more. */
  private suspendOnChildren(index: number): void {
    const known = this.state.nodes[index]!.children?.has('kids') === true;
    if (this.state.nodes[index]!.steps?.has('kids') === true) return;
    const [count, wanted] = [3, 1 + this.chance.below(3)];
    const workflow = { id: 'c', name: 'child', version: 1, digest: 'd' };
    const children = { workflow, inputs: [1, 'b', { c: 3 }], concurrency: 2, wanted, tolerated: this.chance.below(2) };
    const awaits = { kind: 'children', workflow: 'child', count, wanted } as const;
    const wait = { key: 'kids', awaits, wake_at: null, reason: 'why' };
    this.node(index, 'node.suspended', { ...wait, ...(!known && { children }) });
  }

  private endChild(childId: string): void {
    const child = { child_id: childId, run_id: childId };
    const payload = this.chance.happens(0.6)
      ? { ...child, status: 'completed', output: this.value() }
      : { ...child, status: 'failed', error: ERROR };
    this.add(runEvent('signal.received', this.now, { signal_id: this.lastSignal, type: 'child', payload }));
  }

  private steer(): void {
    if (this.state.paused) this.add(runEvent('run.resumed', this.now, { reason: 'go on' }));
    else this.add(runEvent('run.paused', this.now, { reason: 'halt', by: 'ann' }));
  }

  /** A node more, before all others and after one of them: every place moves. */
  private patch(): void {
    const { plan, lastRevision } = this.state;
    const id = `p${lastRevision}`;
    const next = publish([
      { id, type: 'work', depends_on: [this.chance.pick(plan.nodes).id] },
      ...plan.nodes.map((node) => node.definition),
    ]);
    const digests = { digest: next.digest, previous_digest: plan.digest };
    const patched = { revision: lastRevision + 1, ...digests, by: 'ann', reason: 'more' };
    if (this.chance.happens(0.3)) return this.add(runEvent('run.patch_refused', this.now, { ...patched, error: ERROR }));
    this.plans.set(next.digest, next);
    this.add(runEvent('run.patched', this.now, { ...patched, added: [id], changed: [], removed: [] }));
  }

  private receive(): void {
    this.lastSignal += 1;
    const { live, released } = this.state.children;
    const [child] = this.chance.happens(0.2) ? released : live.keys();
    if (child !== undefined && this.chance.happens(0.7)) return this.endChild(child);
    const node = this.chance.pick(this.state.plan.nodes).id;
    const signal: Pick<EventPayload<'signal.received'>, 'type' | 'payload'> = this.chance.happens(0.5)
      ? { type: 'event', payload: { name: 'go', payload: this.value() } }
      : { type: 'decide', payload: { node_id: node, visit: 1, decision: 'approve' } };
    this.add(runEvent('signal.received', this.now, { signal_id: this.lastSignal, ...signal }));
  }

  private node(index: number, type: EventDraft['type'], payload: object, attempt?: number): void {
    const { visit, attempt: current } = this.state.nodes[index]!;
    const subject = { id: this.state.plan.nodes[index]!.id, visit, attempt: attempt ?? current };
    this.add(nodeEvent(type, subject, this.now, payload as never));
  }

  private value(): JsonValue {
    return this.chance.pick<JsonValue>([null, 'text', 7, ['a', { b: null }], { 'a.b': [], nested: { deep: [1.5, true] } }]);
  }
}
