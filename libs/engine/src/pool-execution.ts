import {
  BatonError,
  faultPoint,
  poolJobId,
  PoolNewsSchema,
  type Clock,
  type JsonValue,
  type NodeHandler,
  type PlanNode,
  type PoolJob,
  type PoolJobChange,
  type PoolOutcome,
  type Run,
  type RunState,
  type RunStore,
} from '@baton/core';
import type { ChildRequests } from './child-requests.js';
import type { EngineObserver } from './engine-observer.js';
import type { RunInspector } from './inspect-run.js';
import type { RunLogWriter } from './run-log-writer.js';
import { lackingTypes, neededTypes } from './lacking-types.js';
import type { FinishedStep } from './attempt-outcome.js';
import { NodeAttempt } from './node-attempt.js';
import type { RunPatcher } from './patch-run.js';
import type { RunPayloads } from './run-payloads.js';
import { RunBudget, type CallBudgets } from './run-budget.js';
import { asPoolOutcome } from './run-pools.js';

export interface PoolExecutionParts {
  runs: RunStore;
  /** Folds the journals of the runs whose nodes come. */
  inspector: RunInspector;
  patcher: RunPatcher;
  handlers: ReadonlyMap<string, NodeHandler>;
  childRequests: ChildRequests;
  payloads: RunPayloads;
  /** What nodes log. */
  logs: Pick<RunLogWriter, 'open'>;
  /** Whether another live worker of the pool announces all these node types. */
  announcedInPool(pool: string, types: readonly string[]): Promise<boolean>;
  clock: Clock;
  observer: EngineObserver;
  maxOutputBytes: number;
  budgets: CallBudgets;
}

/** Why an attempt in a pool is stopped: nobody wants its outcome any more, or this worker gives it back. */
export type PoolStop = 'unwanted' | 'given_back';

/** After so many steps, or bytes of steps, a parked run is woken to journal them: its inbox stays small. */
const STEPS_KEPT = 64;
const STEP_BYTES_KEPT = 262_144;

/** One attempt of a node, taken by this worker of its pool. It sees the run as its journal tells it, and writes nothing but its own steps and end. */
export class PoolExecution {
  private attempt: NodeAttempt | null = null;
  private stopped: PoolStop | null = null;
  private readonly finished = new AbortController();
  /** Since the run was last woken for them. */
  private kept = { steps: 0, bytes: 0 };

  constructor(
    readonly job: PoolJob,
    readonly token: string,
    private readonly parts: PoolExecutionParts,
  ) {}

  stop(why: PoolStop): void {
    this.stopped ??= why;
    this.attempt?.abort(new Error(`stopped: ${why}`));
  }

  /** What is to become of the job; null: it is gone already. */
  async execute(): Promise<PoolJobChange | null> {
    const { runs, inspector, handlers, announcedInPool } = this.parts;
    const { runId, seq, nodeId, pool } = this.job;
    // The inbox first: a step that leaves it meanwhile stands in the journal.
    const steps = await this.readSteps();
    const run = await runs.findRun(runId);
    if (run === null) return null;
    const { state } = await inspector.inspect(run);
    const index = state.plan.indexById.get(nodeId);
    if (index === undefined || state.nodes[index]!.dispatch?.seq !== seq) return null;
    const node = state.plan.nodes[index]!;
    const lacking = lackingTypes(handlers, node);
    if (lacking.length === 0) return this.attemptNode(run, state, node, handlers.get(node.type)!, steps);
    if (await announcedInPool(pool, neededTypes(handlers, node))) return this.giveBack();
    return this.finish({ kind: 'skipped', reason: `no worker of the pool ${pool} runs nodes of type ${lacking.join(', ')}` });
  }

  private async attemptNode(
    run: Run,
    state: RunState,
    node: PlanNode,
    handler: NodeHandler,
    steps: Map<string, JsonValue>,
  ): Promise<PoolJobChange | null> {
    const { patcher, childRequests, payloads, clock, observer, maxOutputBytes } = this.parts;
    const { tenantId, visit, attempt } = this.job;
    const subject = { runId: run.id, tenantId, nodeId: node.id, state };
    const { budgets } = this.parts;
    const fence = { jobId: poolJobId(this.job), token: this.token };
    const budget = new RunBudget({ run, state, clock, observer, fence, ...budgets });
    const log = this.parts.logs.open({ runId: run.id, tenantId, nodeId: node.id, visit, attempt });
    const shared = { run, state, clock, maxOutputBytes, childRequests, payloads };
    this.attempt = new NodeAttempt(shared, {
      ...{ node, work: node, start: { index: node.index, visit, attempt }, handler, log, finishedSteps: steps },
      journalStep: (step) => this.journalStep(steps, step, budget),
      reserve: (key, wanted, signal) => budget.reserve({ id: node.id, visit }, key, wanted, signal),
      releaseStep: (key, used) => budget.releaseStep(node.id, key, used),
      patchRun: (key, patch, reason) => patcher.patchFromNode({ ...subject, key, patch, reason }),
    });
    if (this.stopped !== null) this.attempt.abort(new Error(`stopped: ${this.stopped}`));
    this.limitTime();
    const startedAt = clock.monotonic();
    const outcome = await this.attempt.execute();
    this.finished.abort();
    log.end();
    budget.releaseAll();
    if (this.stopped !== null) return this.stopped === 'unwanted' ? null : this.giveBack();
    if (outcome.kind === 'stranded') {
      observer.trouble({ what: 'payloads', runId: run.id, error: outcome.error });
      return this.giveBack();
    }
    if (outcome.kind === 'completed') faultPoint('pool.afterEffect');
    const observed = { runId: run.id, taskId: run.taskId, nodeId: node.id, type: node.type, ms: clock.monotonic() - startedAt };
    if (outcome.kind === 'completed') observer.nodeEnded({ ...observed, outcome: 'completed' });
    if (outcome.kind === 'failed') observer.nodeEnded({ ...observed, outcome: 'failed', error: outcome.error });
    return this.finish(asPoolOutcome(outcome));
  }

  /** Steps of this visit that no holder of the run has journaled yet. */
  private async readSteps(): Promise<Map<string, JsonValue>> {
    const steps = new Map<string, JsonValue>();
    for (const { type, payload } of await this.parts.runs.readSignals([this.job.runId])) {
      const news = type === 'pool' ? PoolNewsSchema.safeParse(payload) : null;
      if (!news?.success || !('step' in news.data)) continue;
      const { node_id: nodeId, visit, step } = news.data;
      if (nodeId === this.job.nodeId && visit === this.job.visit) steps.set(step.key, step.output);
    }
    return steps;
  }

  private async journalStep(
    steps: Map<string, JsonValue>,
    { key, output, usage }: FinishedStep,
    budget: RunBudget,
  ): Promise<void> {
    const hold = budget.takeHold(this.job.nodeId, key);
    this.kept = { steps: this.kept.steps + 1, bytes: this.kept.bytes + JSON.stringify(output).length };
    const wakes = this.kept.steps >= STEPS_KEPT || this.kept.bytes >= STEP_BYTES_KEPT;
    if (wakes) this.kept = { steps: 0, bytes: 0 };
    const { runs, clock } = this.parts;
    const used = usage === null ? {} : { usage, ...(hold !== null && { hold: hold.id }) };
    const outcome = await runs
      .changePoolJob({ ...this.key, kind: 'step', key, output, ...used, wakes, at: clock.now() })
      .catch((error: unknown) => {
        this.stop('given_back');
        throw error;
      });
    if (outcome.kind === 'refused') {
      this.stop('unwanted');
      throw new Error(`the attempt has ended before its step \`${key}\``);
    }
    steps.set(key, output);
    faultPoint('pool.afterStep');
    if (hold !== null) budget.settle(hold, usage);
  }

  private limitTime(): void {
    const { clock } = this.parts;
    const { deadline, nodeId, pool } = this.job;
    void clock.sleep(Math.max(0, deadline - clock.now()), this.finished.signal).then(() => {
      if (this.finished.signal.aborted) return;
      const context = { node_id: nodeId, pool };
      this.attempt?.abort(new BatonError('pool_deadline', 'The time for the pool is up.', context, { retryable: true }));
    });
  }

  private finish(outcome: PoolOutcome): PoolJobChange {
    return { ...this.key, kind: 'finish', outcome, at: this.parts.clock.now() };
  }

  private giveBack(): PoolJobChange {
    return { ...this.key, kind: 'release' };
  }

  private get key(): { runId: string; seq: number; token: string } {
    return { runId: this.job.runId, seq: this.job.seq, token: this.token };
  }
}
