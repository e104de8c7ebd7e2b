import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, type Decision } from './decide.js';
import { EVENT_SCHEMAS, nodeEvent, runEvent, type EventDraft, type JournalEvent } from './journal-event.js';
import { compilePlan, type Plan } from './plan.js';
import { reduce } from './reduce.js';
import { dependencyOutputs, initialState, runOutput, type RunState } from './run-state.js';
import { retryDelay } from './retry-policy.js';
import { WorkflowDefinitionSchema } from './workflow-definition.js';
import { Chance } from '../../../test/support/in-memory/chance.js';

const RUN = 'run-1';

/** A run under test: its state, folded event by event, beside its journal. */
const NOTHING = {
  start: [],
  resume: [],
  settle: [],
  undo: null,
  overdue: [],
  children: [],
  cancel: [],
  over: [],
  renewed: false,
};
const IDLE = { ...NOTHING, wakeAt: null, outcome: null };
const FACTS = { id: 'run', taskId: null, tenantId: 'default', workflow: 'flow', input: null };

class Journal {
  readonly events: JournalEvent[] = [];
  readonly state: RunState;
  epoch = 0;

  constructor(readonly plan: Plan) {
    this.state = initialState(plan, FACTS);
    this.add(runEvent('run.submitted', 0, { workflow_id: 'w', workflow_name: 'flow', workflow_version: 1, digest: plan.digest }));
    this.claim();
  }

  add(draft: EventDraft): void {
    const event = { ...draft, runId: RUN, seq: this.events.length + 1, epoch: this.epoch } as JournalEvent;
    this.events.push(event);
    reduce(this.state, event);
  }

  claim(at = 0): void {
    this.epoch += 1;
    this.add(runEvent('run.claimed', at, { worker_id: `w${this.epoch}` }));
  }

  /** Starts what a decision says, and returns it. */
  start(now = 0): Decision {
    const decision = decide(this.plan, this.state, now);
    for (const { index, visit, attempt } of decision.start) this.onNode('node.started', index, visit, attempt, now, {});
    return decision;
  }

  complete(id: string, output: string | number | null = null, at = 0): void {
    this.onNode('node.completed', ...this.current(id), at, { output });
  }

  fail(id: string, retry_at: number | null, at = 0): void {
    this.onNode('node.failed', ...this.current(id), at, { error: { code: 'node_failed', message: `${id} failed` }, retry_at });
  }

  current(id: string): [index: number, visit: number, attempt: number] {
    const index = this.plan.indexById.get(id)!;
    const { visit, attempt } = this.state.nodes[index]!;
    return [index, visit, attempt];
  }

  onNode(type: EventDraft['type'], index: number, visit: number, attempt: number, at: number, payload: object): void {
    this.add(nodeEvent(type, { id: this.plan.nodes[index]!.id, visit, attempt }, at, payload as never));
  }
}

const planOf = (nodes: Record<string, string[]>, more: object = {}): Plan =>
  compilePlan(
    WorkflowDefinitionSchema.parse({
      name: 'flow',
      ...more,
      nodes: Object.entries(nodes).map(([id, depends_on]) => ({ id, type: 'work', depends_on })),
    }),
  );

const begin = (nodes: Record<string, string[]>, more: object = {}): Journal => new Journal(planOf(nodes, more));
const ids = (journal: Journal, decision: Decision): string[] => decision.start.map(({ index }) => journal.plan.nodes[index]!.id);

describe('decide', () => {
  it('starts a node when all of its dependencies are settled', () => {
    const journal = begin({ a: [], b: [], join: ['a', 'b'] });
    expect(ids(journal, journal.start())).toEqual(['a', 'b']);
    journal.complete('a');
    expect(ids(journal, journal.start())).toEqual([]);
    journal.complete('b');
    expect(ids(journal, journal.start())).toEqual(['join']);
  });

  it('ends the run with the only output, all outputs by id, or the node named', () => {
    const single = begin({ a: [], b: ['a'] });
    single.start();
    single.complete('a', 1);
    single.start();
    single.complete('b', 2);
    expect(single.start().outcome).toEqual({ status: 'completed', output: 2 });
    const both = begin({ a: [], b: [] });
    both.start();
    both.complete('b', 2);
    both.complete('a', 1);
    expect(both.start().outcome).toEqual({ status: 'completed', output: { a: 1, b: 2 } });
    const named = begin({ a: [], b: ['a'] }, { output: 'a' });
    named.start();
    named.complete('a', 1);
    named.start();
    named.complete('b', 2);
    expect(runOutput(named.state)).toBe(1);
    expect(dependencyOutputs(named.state, named.plan.nodes[1]!)).toEqual({ a: 1 });
  });

  it('ends the run with the first node that failed for good, and starts nothing more', () => {
    const journal = begin({ a: [], b: [], c: [] }, { concurrency: 2 });
    journal.start();
    journal.fail('b', null);
    journal.fail('a', null);
    const error = { code: 'node_failed', message: 'b failed', details: { node_id: 'b' } };
    expect(decide(journal.plan, journal.state, 0)).toEqual({
      ...{ ...IDLE, outcome: { status: 'failed', error } },
    });
  });

  it('holds a retry until it is due, and says when the first is', () => {
    const journal = begin({ a: [], b: [] });
    journal.start();
    journal.fail('a', 300);
    journal.fail('b', 200);
    expect(decide(journal.plan, journal.state, 199)).toEqual({ ...IDLE, wakeAt: 200 });
    expect(decide(journal.plan, journal.state, 200)).toEqual({
      ...{ ...IDLE, start: [{ index: 1, visit: 1, attempt: 2 }], wakeAt: 300 },
    });
  });

  it('names no instant that has passed: a due retry without room waits for a node in work', () => {
    const journal = begin({ a: [], b: [] }, { concurrency: 1 });
    journal.start();
    journal.fail('a', 10);
    journal.start(5);
    expect(decide(journal.plan, journal.state, 50)).toEqual(IDLE);
  });

  it('goes on past a skipped node, whose output is null', () => {
    const journal = begin({ a: [], b: ['a'] });
    const [start] = decide(journal.plan, journal.state, 0).start;
    journal.onNode('node.skipped', start!.index, start!.visit, start!.attempt, 0, { reason: 'unknown type' });
    expect(ids(journal, journal.start())).toEqual(['b']);
    expect(dependencyOutputs(journal.state, journal.plan.nodes[1]!)).toEqual({ a: null });
  });

  it('takes up what was in work before a claim, as the next attempt of the same visit, with its steps', () => {
    const journal = begin({ a: [] });
    journal.start();
    journal.onNode('step.completed', 0, 1, 1, 0, { key: 'k', output: 7 });
    journal.claim();
    expect(journal.start().start).toEqual([{ index: 0, visit: 1, attempt: 2 }]);
    expect(journal.state.nodes[0]).toMatchObject({ failures: 0, steps: new Map([['k', 7]]) });
    journal.complete('a');
    expect(journal.state.nodes[0]!.steps).toBeNull();
  });
});

describe('reduce', () => {
  it('follows the run through its states', () => {
    const journal = begin({ a: [] });
    const seen = [journal.state.status];
    journal.add(runEvent('run.waiting', 0, { wake_at: null, reason: 'signal' }));
    seen.push(journal.state.status);
    journal.claim();
    seen.push(journal.state.status);
    expect(seen).toEqual(['running', 'waiting', 'running']);
    expect(journal.state).toMatchObject({ seq: 4, epoch: 2 });
  });

  it.each([
    [runEvent('run.completed', 0, { output: 5 }), { status: 'completed', output: 5, error: null }],
    [runEvent('run.failed', 0, { error: { code: 'c', message: 'm' } }), { status: 'failed', error: { code: 'c', message: 'm' } }],
    [runEvent('run.cancelled', 0, { reason: 'r' }), { status: 'cancelled', output: null, error: null }],
  ])('ends as the terminal event says: %j', (event, expected) => {
    const journal = begin({ a: [] });
    journal.add(event);
    expect(journal.state).toMatchObject(expected);
  });

  it('settles a node once: what comes later, or for another visit or an unknown node, changes nothing but the seq', () => {
    const journal = begin({ a: [], b: ['a'] });
    journal.start();
    journal.complete('a', 1);
    const before = snapshot(journal.state);
    journal.onNode('node.completed', 0, 1, 1, 0, { output: 2 });
    journal.onNode('node.failed', 0, 1, 1, 0, { error: { code: 'c', message: 'm' }, retry_at: null });
    journal.onNode('node.completed', 1, 2, 1, 0, { output: 2 });
    journal.add(nodeEvent('node.completed', { id: 'none', visit: 1, attempt: 1 }, 0, { output: 2 }));
    expect(snapshot(journal.state)).toEqual({ ...before, seq: before.seq + 4 });
  });
});

/** A random graph: each node depends on some of those before it. */
const anyPlan = fc
  .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 25 })
  .chain((edges) =>
    fc.record({
      edges: fc.constant(edges),
      concurrency: fc.integer({ min: 1, max: 5 }),
      maxAttempts: fc.integer({ min: 1, max: 3 }),
    }),
  )
  .map(({ edges, concurrency, maxAttempts }) =>
    compilePlan(
      WorkflowDefinitionSchema.parse({
        name: 'random',
        concurrency,
        nodes: edges.map((dependencies, index) => ({
          id: `n${index}`,
          type: 'work',
          depends_on: index === 0 ? [] : [...new Set(dependencies.map((n) => `n${n % index}`))],
          retry: { max_attempts: maxAttempts, initial_ms: 10 },
        })),
      }),
    ),
  );

/** Drives a run to its end: nodes finish, fail, report steps or are skipped, and workers crash, as chance says. */
function driveToEnd(plan: Plan, chance: () => number): Journal {
  const journal = new Journal(plan);
  let now = 0;
  for (let turn = 0; turn < 10_000; turn += 1) {
    const before = snapshot(journal.state);
    const decision = decide(plan, journal.state, now);
    expect(snapshot(journal.state)).toEqual(before);
    expect(decide(plan, journal.state, now)).toEqual(decision);
    if (decision.outcome !== null) {
      const { outcome } = decision;
      if (outcome.status === 'completed') journal.add(runEvent('run.completed', now, { output: outcome.output }));
      else journal.add(runEvent('run.failed', now, { error: outcome.error }));
      return journal;
    }
    for (const { index, visit, attempt } of decision.start) {
      expect(plan.nodes[index]!.dependsOn.every((n) => ['completed', 'skipped'].includes(journal.state.nodes[n]!.status))).toBe(
        true,
      );
      if (chance() < 0.05) journal.onNode('node.skipped', index, visit, attempt, now, { reason: 'unknown type' });
      else journal.onNode('node.started', index, visit, attempt, now, {});
    }
    expect(journal.state.running.size).toBeLessThanOrEqual(plan.concurrency);
    now += 1;
    if (chance() < 0.05) journal.claim(now);
    else if (journal.state.running.size > 0) finishOne(journal, now, chance);
    else if (decision.start.length === 0) {
      expect(decision.wakeAt).toBeGreaterThan(now - 1);
      now = Math.max(now, decision.wakeAt!);
    }
  }
  throw new Error('the run did not end');
}

function finishOne(journal: Journal, now: number, chance: () => number): void {
  const inWork = [...journal.state.running];
  const { id, retry } = journal.plan.nodes[inWork[Math.floor(chance() * inWork.length)]!]!;
  const [index, visit, attempt] = journal.current(id);
  const drawn = chance();
  if (drawn < 0.2) {
    journal.onNode('step.completed', index, visit, attempt, now, { key: `k${now}`, output: now });
  } else if (drawn < 0.35) {
    const delay = retryDelay(retry, journal.state.nodes[index]!.failures + 1, chance());
    journal.fail(id, delay === null ? null : now + delay, now);
  } else journal.complete(id, `of ${id}`, now);
}

function snapshot({ plan: _plan, remaining, ...state }: RunState) {
  return structuredClone({ ...state, remaining: [...remaining] });
}

describe('any graph, driven to its end by chance', () => {
  const anyRun = (check: (journal: Journal) => void): void =>
    fc.assert(
      fc.property(anyPlan, fc.integer(), (plan, seed) => check(driveToEnd(plan, new Chance(seed).next))),
      { numRuns: 150 },
    );

  it('starts after its dependencies, holds the limit, decides without a trace, and ends', () => {
    anyRun((journal) => expect(['completed', 'failed']).toContain(journal.state.status));
  });

  it('settles each node once, and all of them where it completes', () => {
    anyRun(({ events, plan, state }) => {
      const settled = events
        .filter(
          (event) =>
            ['node.completed', 'node.skipped'].includes(event.type) ||
            (event.type === 'node.failed' && event.payload.retry_at === null),
        )
        .map(({ nodeId }) => nodeId);
      expect(new Set(settled).size).toBe(settled.length);
      if (state.status === 'completed') expect(settled).toHaveLength(plan.nodes.length);
    });
  });

  it('counts attempts up by one, within each node', () => {
    anyRun(({ events, plan }) => {
      for (const { id } of plan.nodes) {
        const attempts = events
          .filter(({ type, nodeId }) => type === 'node.started' && nodeId === id)
          .map(({ attempt }) => attempt);
        expect(attempts).toEqual(attempts.map((_, index) => index + 1));
      }
    });
  });

  it('gives at every prefix of the journal, replayed from the start, the state that it had', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer(), (plan, seed) => {
        const { events } = driveToEnd(plan, new Chance(seed).next);
        const incremental = initialState(plan, FACTS);
        events.forEach((event, index) => {
          reduce(incremental, event);
          if (index % 7 !== 0 && index !== events.length - 1) return;
          const replayed = initialState(plan, FACTS);
          for (const earlier of events.slice(0, index + 1)) reduce(replayed, structuredClone(earlier));
          expect(snapshot(replayed)).toEqual(snapshot(incremental));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('writes only events that their schemas accept', () => {
    anyRun(({ events }) => {
      for (const { type, payload } of events) expect(EVENT_SCHEMAS[type].safeParse(payload).error).toBeUndefined();
    });
  });
});
