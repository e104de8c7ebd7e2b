import { createHash } from 'node:crypto';
import { approvalId, BatonError, DEFAULT_TENANT, isTerminal, type WorkflowRef } from '@baton/core';
import type { Chance, SimulatedApi, World } from '../support/in-memory/index.js';
import type { SimGraph } from './graph-draft.js';
import { randomPatch } from './random-patch.js';
import type { RunGraphs } from './run-graphs.js';
import { RunFacts } from './run-facts.js';
import type { Counters, Trace } from './trace.js';

interface PeopleParts {
  world: World;
  chance: Chance;
  trace: Trace;
  counters: Counters;
  graph: SimGraph;
  graphs: RunGraphs;
  workflow: WorkflowRef;
  /** Of two tasks, so that runs of one get into one another's way. */
  taskIds: readonly string[];
}

/** Something that a person does; false: there was nothing to do it to. */
export interface Action {
  name: string;
  weight: number;
  act(people: People, api: SimulatedApi): Promise<unknown> | false;
}

/** Everything that people do to runs. Whoever adds a signal adds a line. */
export const ACTIONS: readonly Action[] = [
  { name: 'start', weight: 3, act: (people, api) => people.start(api) },
  { name: 'pause', weight: 2, act: (people, api) => people.withRun((runId) => api.signaller.tellToPause(people.wish(runId))) },
  { name: 'resume', weight: 3, act: (people, api) => people.withRun((runId) => api.signaller.tellToResume(people.wish(runId))) },
  {
    name: 'pause, and wait for it',
    weight: 1,
    act: (people, api) => people.withRun((runId) => api.signaller.pause(people.wish(runId), new AbortController().signal)),
  },
  { name: 'cancel', weight: 1, act: (people, api) => people.withRun((runId) => people.cancel(api, runId)) },
  { name: 'event', weight: 4, act: (people, api) => people.withRun((runId) => people.sendSomeEvent(api, runId)) },
  { name: 'decide', weight: 4, act: (people, api) => people.withRun((runId) => people.decideSomething(api, runId)) },
  { name: 'patch', weight: 3, act: (people, api) => people.withRun((runId) => people.patch(api, runId)) },
  { name: 'undo a patch', weight: 1, act: (people, api) => people.withRun((runId) => people.undoPatch(api, runId)) },
  { name: 'fork', weight: 1, act: (people, api) => people.withAnyRun((runId) => people.fork(api, runId)) },
  { name: 'retry', weight: 1, act: (people, api) => people.withAnyRun((runId) => people.retry(api, runId)) },
  {
    name: 'look why',
    weight: 1,
    act: (people, api) => people.withRun((runId) => people.lookWhy(api, runId)),
  },
];

const MAX_RUNS = 4;

/** Who starts runs, steers them, answers them, and is told what came of it. */
export class People {
  /** Runs whose start was acknowledged. */
  readonly acknowledged: string[] = [];
  /** Answers that nobody should ever get. */
  readonly shocks: string[] = [];
  private readonly facts = new Map<string, RunFacts>();
  private starts = 0;
  private patches = 0;

  constructor(private readonly parts: PeopleParts) {}

  get runIds(): string[] {
    return [...this.parts.world.db.runs.keys()];
  }

  /** Those that no other run has started. */
  private get askedFor(): string[] {
    return [...this.parts.world.db.runs.values()].flatMap(({ id, parent, continuedFrom }) =>
      parent === null && continuedFrom === null ? [id] : [],
    );
  }

  factsOf(runId: string): RunFacts {
    const facts = this.facts.get(runId) ?? new RunFacts();
    this.facts.set(runId, facts);
    return facts.catchUp(this.parts.world.journal(runId));
  }

  /** Does it, and waits for no answer: a dead API gives none. */
  act(action: Action, api: SimulatedApi): void {
    const { trace, world, counters } = this.parts;
    const doing = action.act(this, api);
    if (doing === false) return;
    trace.note(world.clock.now(), `people: ${action.name}`);
    counters.count(`action: ${action.name}`);
    doing.then(
      () => counters.count(`done: ${action.name}`),
      (error: unknown) => this.hearRefusal(action.name, error),
    );
  }

  /** What patient people do once nothing fails any more: whatever a run waits for, it gets. */
  serve(api: SimulatedApi): void {
    for (const runId of this.runIds) {
      if (isTerminal(this.parts.world.run(runId).status)) continue;
      const facts = this.factsOf(runId);
      const acts: Promise<unknown>[] = [];
      if (facts.paused) acts.push(api.signaller.tellToResume(this.wish(runId)));
      for (const { awaits } of facts.waits.values()) {
        if (awaits.kind === 'event') acts.push(this.sendEvent(api, runId, awaits.name));
      }
      acts.push(this.decideAll(api, runId));
      for (const act of acts) act.catch((error: unknown) => this.hearRefusal('serve', error));
    }
  }

  start(api: SimulatedApi): Promise<unknown> | false {
    const { chance, graph, workflow, taskIds } = this.parts;
    if (this.askedFor.length >= MAX_RUNS) return false;
    this.starts += 1;
    const tenantId = DEFAULT_TENANT;
    const { input } = graph;
    if (chance.happens(0.4)) {
      const request = { tenantId, taskId: chance.pick(taskIds), input, idempotency: null };
      return api.starter.startTaskRun(request).then((outcome) => outcome.kind === 'accepted' && this.acknowledge(outcome.run.id));
    }
    const idempotency = chance.happens(0.5) ? { key: `k${chance.below(3)}`, requestDigest: 'same' } : null;
    const request = { tenantId, workflow, input, idempotency, runId: `started-${this.starts}` };
    return api.starter.startWorkflowRun(request).then((run) => this.acknowledge(run.id));
  }

  cancel(api: SimulatedApi, runId: string): Promise<unknown> {
    return api.signaller.tellToCancel(this.wish(runId));
  }

  /** Early ones, and repeats. */
  sendSomeEvent(api: SimulatedApi, runId: string): Promise<unknown> {
    const { graphs, chance } = this.parts;
    const { events } = graphs.at(runId, null);
    return this.sendEvent(api, runId, events.length === 0 ? 'unasked' : chance.pick(events));
  }

  decideSomething(api: SimulatedApi, runId: string): Promise<unknown> {
    return this.decideAll(api, runId);
  }

  async fork(api: SimulatedApi, runId: string): Promise<unknown> {
    const { graphs, chance } = this.parts;
    const fromNode = chance.pick(Object.keys(graphs.at(runId, this.factsOf(runId).digest).nodes));
    const { run } = await api.forker.fork({ tenantId: DEFAULT_TENANT, runId, fromNode, idempotency: null });
    return this.acknowledge(run.id);
  }

  async retry(api: SimulatedApi, runId: string): Promise<unknown> {
    const { run } = await api.forker.retry(DEFAULT_TENANT, runId, null);
    return this.acknowledge(run.id);
  }

  async patch(api: SimulatedApi, runId: string): Promise<unknown> {
    const { chance } = this.parts;
    this.patches += 1;
    const number = this.patches;
    const { revision, definition } = await api.patcher.readDefinition(DEFAULT_TENANT, runId);
    const patch = randomPatch(chance, definition, `added-${number}`);
    const base = chance.pick([revision, revision, revision, null, revision - 1]);
    return api.patcher.patch({ tenantId: DEFAULT_TENANT, runId, revision: base, patch, reason: 'by chance', by: 'ann' });
  }

  async undoPatch(api: SimulatedApi, runId: string): Promise<unknown> {
    const { revision } = await api.patcher.readDefinition(DEFAULT_TENANT, runId);
    return api.patcher.undo({ tenantId: DEFAULT_TENANT, runId, revision, reason: 'by chance', by: 'ann' });
  }

  async lookWhy(api: SimulatedApi, runId: string): Promise<unknown> {
    const run = await api.runs.findRun(runId);
    if (run === null) throw new Error(`run ${runId} is not in SQL`);
    return api.explainer.explain(run, await api.inspector.inspect(run));
  }

  wish(runId: string) {
    return { tenantId: DEFAULT_TENANT, runId, reason: 'by chance', by: 'ann' };
  }

  /** A run that lives. */
  withRun(act: (runId: string) => Promise<unknown>): Promise<unknown> | false {
    const { world, chance } = this.parts;
    const live = this.runIds.filter((runId) => !isTerminal(world.run(runId).status));
    return live.length > 0 && act(chance.pick(live));
  }

  withAnyRun(act: (runId: string) => Promise<unknown>): Promise<unknown> | false {
    const { world, chance } = this.parts;
    return world.db.runs.size > 0 && this.askedFor.length < MAX_RUNS && act(chance.pick(this.runIds));
  }

  private acknowledge(runId: string): void {
    this.acknowledged.push(runId);
  }

  /** What is sent depends on its name alone, so that it does not matter which of two comes first. */
  private sendEvent(api: SimulatedApi, runId: string, name: string): Promise<unknown> {
    return api.signaller.sendEvent(DEFAULT_TENANT, runId, { name, payload: { of: name } });
  }

  private async decideAll(api: SimulatedApi, runId: string): Promise<void> {
    for (const approval of await api.runs.listApprovals({ status: 'open', tenantId: DEFAULT_TENANT, runId, limit: 100 })) {
      const digest = createHash('sha256').update(approval.nodeId).digest();
      const decision = digest[0]! % 3 === 0 ? 'reject' : 'approve';
      await api.signaller.decide(DEFAULT_TENANT, approvalId(approval), {
        decision,
        by: 'ann',
        roles: ['operator'],
        comment: null,
        payload: null,
      });
    }
  }

  /** A refusal has a code; anything else is a defect. */
  private hearRefusal(what: string, error: unknown): void {
    const { counters } = this.parts;
    if (error instanceof BatonError && error.code !== 'internal') return counters.count(`refused: ${error.code}`);
    this.shocks.push(`${what} was answered by ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
