import {
  BatonError,
  dispatchOf,
  faultPoint,
  formatHolder,
  lockKey,
  scopesOf,
  type BudgetLimits,
  type Clock,
  type HeldLock,
  type JsonValue,
  type LockMethod,
  type Run,
  type RunLimit,
  type RunLock,
  type RunPriority,
  type RunQueue,
  type RunStore,
  type Submission,
  type SubmitOutcome,
  type Task,
  type TaskStore,
  type WorkflowRef,
  type WorkflowStore,
  type WorkflowSummary,
} from '@baton/core';
import type { Backlog } from './backlog.js';
import type { EngineObserver } from './engine-observer.js';
import { GroupedReads } from './grouped-reads.js';
import { InputSchemas } from './input-schemas.js';
import type { RunAdmitter } from './run-admitter.js';
import type { LiveRunLimits } from './live-run-limits.js';
import { limitRefusal } from './limit-refusal.js';
import { requireRunnable } from './runnable-workflow.js';
import { newRunId } from './run-ids.js';
import type { RunPayloads } from './run-payloads.js';

/** The caller's Idempotency-Key, with a digest of the request it stands for. */
export interface Idempotency {
  key: string;
  requestDigest: string;
}

export interface StartTaskRun {
  tenantId: string;
  taskId: string;
  /** Asks this instead of the task's title, for this run only. */
  title?: string;
  /** Tells more than the task's description, for this run only. */
  description?: string;
  /** The run's input; the task's own when absent. */
  input?: JsonValue;
  /** `normal` when absent. */
  priority?: RunPriority;
  /** Who starts it. */
  by?: string;
  /** Lowers what the run may use up. */
  budget?: BudgetLimits;
  idempotency: Idempotency | null;
}

export interface StartWorkflowRun {
  tenantId: string;
  workflow: WorkflowRef;
  input: JsonValue;
  /** `normal` when absent. */
  priority?: RunPriority;
  /** Who starts it. */
  by?: string;
  /** Lowers what the run may use up. */
  budget?: BudgetLimits;
  idempotency: Idempotency | null;
  /** The run's id where the caller has kept it beforehand; fresh, as every id. */
  runId?: string;
}

/** A run that takes over what another has done. It belongs to the same task, if any. Its input is in the form that {@link RunStarter.keepInput} gives. */
export interface StartFork extends StartWorkflowRun {
  taskId: string | null;
  fork: NonNullable<Submission['fork']>;
}

export type StartOutcome =
  /** `replayed`: an earlier request with the same Idempotency-Key started it. */
  | { kind: 'accepted'; run: Run; replayed: boolean }
  /** Never two at once: the task has a live run (null: its submitter has not committed yet). */
  | { kind: 'conflict'; taskId: string; liveRunId: string | null; method: LockMethod };

export interface RunStarterOptions {
  /** Tells this API process from others; part of its locks' values. */
  instanceId: string;
  /** The workflow of tasks. */
  taskWorkflow: string;
  /** How long a submission waits for another's to show in SQL before SQL alone decides. */
  settleForMs: number;
  maxInputBytes: number;
}

/**
 * Accepts runs. When it resolves with `accepted`, the run is a committed row: it reaches a terminal state, whatever crashes.
 *
 * A task is protected in three layers: the up-front check, the tokenized lock, and the atomic `running` mark in SQL, which alone is
 * the truth; with the lock service away it alone decides.
 */
export class RunStarter {
  /** The workflow of tasks, by tenant. */
  private readonly taskWorkflows: GroupedReads<WorkflowRef>;
  /** By tenant, and id or name, as JSON: starts that come together read what they start once. */
  private readonly workflows: GroupedReads<WorkflowSummary>;
  private readonly inputs: InputSchemas;

  constructor(
    private readonly parts: {
      runs: RunStore;
      tasks: TaskStore;
      workflows: WorkflowStore;
      locks: RunLock;
      queue: RunQueue;
      limits: LiveRunLimits;
      backlog: Backlog;
      admitter: Pick<RunAdmitter, 'ring'>;
      payloads: Pick<RunPayloads, 'keep'>;
      clock: Clock;
      observer: EngineObserver;
    },
    private readonly options: RunStarterOptions,
  ) {
    this.inputs = new InputSchemas(parts.workflows);
    this.taskWorkflows = new GroupedReads(async (tenantIds) => {
      const read = async (tenantId: string) =>
        [tenantId, await parts.workflows.findByName(tenantId, options.taskWorkflow)] as const;
      const found = await Promise.all(tenantIds.map(read));
      return new Map(found.flatMap(([tenantId, workflow]) => (workflow === null ? [] : [[tenantId, workflow]])));
    });
    this.workflows = new GroupedReads(async (keys) => {
      const read = async (key: string) =>
        [key, await parts.workflows.findSummary(...(JSON.parse(key) as [string, string]))] as const;
      const found = await Promise.all(keys.map(read));
      return new Map(found.flatMap(([key, workflow]) => (workflow === null ? [] : [[key, workflow]])));
    });
  }

  /** The newest version of the workflow of this id or name. @throws BatonError `workflow_not_found`, `workflow_archived`. */
  async findRunnable(tenantId: string, idOrName: string): Promise<WorkflowRef> {
    return requireRunnable((await this.workflows.read(JSON.stringify([tenantId, idOrName]))) ?? null, idOrName);
  }

  /**
   * @throws BatonError `task_not_found`, `workflow_not_found`, `invalid_request` (the input does not fit), `idempotency_key_reused`, `payload_too_large`, `storage_unavailable`; and, as every
   * start, `limit_reached`, `already_executing`, `backlog_full`.
   */
  async startTaskRun(request: StartTaskRun): Promise<StartOutcome> {
    const { tasks, observer } = this.parts;
    observer.submitEntered({ taskId: request.taskId });
    const task = await this.findTask(request);
    const workflow = await this.findWorkflow(request.tenantId);
    const given = request.input ?? taskInput(task, request);
    await this.inputs.check(workflow, given);
    const input = await this.keepInput(task.tenantId, given);
    const guard = await this.guardTask(task, request.idempotency !== null);
    if (guard.kind === 'conflict') {
      observer.submitConflict({ taskId: task.id, runId: guard.liveRunId, method: guard.method, tokenLength: 0 });
      await tasks.recordConflict({
        tenantId: task.tenantId,
        taskId: task.id,
        runId: guard.liveRunId,
        method: guard.method,
        holder: this.holderText,
        tokenLength: 0,
        at: this.parts.clock.now(),
      });
      return { kind: 'conflict', taskId: task.id, liveRunId: guard.liveRunId, method: guard.method };
    }
    const method = guard.lock?.method ?? 'sql';
    const tokenLength = guard.lock?.token.length ?? 0;
    const outcome = await this.submit(
      {
        tenantId: task.tenantId,
        taskId: task.id,
        workflow,
        input,
        ...(request.priority !== undefined && { priority: request.priority }),
        ...(request.by !== undefined && { by: request.by }),
        ...(request.budget !== undefined && { budget: request.budget }),
        idempotency: request.idempotency,
        lock: { method, holder: this.holderText, tokenLength },
      },
      guard.lock,
    );
    if (outcome.kind === 'conflict')
      observer.submitConflict({ taskId: task.id, runId: outcome.liveRunId, method: 'sql', tokenLength });
    else if (!outcome.replayed) observer.submitAcquired({ taskId: task.id, runId: outcome.run.id, method, tokenLength });
    return outcome;
  }

  /** Starts a run that belongs to no task: only limits can be in its way. @throws BatonError as `startTaskRun`. */
  async startWorkflowRun(request: StartWorkflowRun): Promise<Run> {
    await this.inputs.check(request.workflow, request.input);
    const input = await this.keepInput(request.tenantId, request.input);
    const outcome = await this.submit({ ...request, input, taskId: null, lock: null }, null);
    if (outcome.kind === 'conflict') throw new Error('a run without a task met a conflict');
    return outcome.run;
  }

  /**
   * Starts a fork. Never two at once: of a task, a fork is a run like another, and SQL says whether it may start.
   * @throws BatonError `idempotency_key_reused`, `payload_too_large`, `storage_unavailable`.
   */
  async startFork(request: StartFork): Promise<StartOutcome> {
    return this.submit({ ...request, lock: { method: 'sql', holder: this.holderText, tokenLength: 0 } }, null);
  }

  /** Why a start of the tenant would be refused, by what one has met a moment ago: told before a request is read. Null: it may be accepted. */
  refusalOf(tenantId: string): BatonError | null {
    return this.parts.backlog.refusalOf(tenantId);
  }

  private get holderText(): string {
    return formatHolder({ kind: 'api', id: this.options.instanceId });
  }

  private async findTask({ tenantId, taskId }: StartTaskRun): Promise<Task> {
    const task = await this.parts.tasks.find(tenantId, taskId);
    if (task === null) throw new BatonError('task_not_found', `There is no task \`${taskId}\`.`, { task_id: taskId });
    return task;
  }

  private async findWorkflow(tenantId: string): Promise<WorkflowRef> {
    const name = this.options.taskWorkflow;
    const workflow = await this.taskWorkflows.read(tenantId);
    if (workflow === undefined)
      throw new BatonError('workflow_not_found', `There is no workflow \`${name}\`.`, { workflow: name });
    return workflow;
  }

  /**
   * Layers 1 and 2. A foreign lock is a conflict once SQL shows the live run. Where it shows none, the holder is just committing,
   * just finishing, or dead: wait a little, then let SQL alone decide. A caller with an Idempotency-Key goes on to SQL, which may know the key.
   */
  private async guardTask(
    task: Task,
    keyed: boolean,
  ): Promise<{ kind: 'free'; lock: HeldLock | null } | { kind: 'conflict'; liveRunId: string; method: LockMethod }> {
    const { locks, tasks, clock } = this.parts;
    const key = lockKey({ taskId: task.id, runId: '' });
    const deadline = clock.monotonic() + this.options.settleForMs;
    for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      const seen = await locks.peek(key);
      if (seen.kind === 'unreachable') return { kind: 'free', lock: null };
      let method: LockMethod = 'upfront';
      if (seen.kind === 'free') {
        const attempt = await locks.acquire({ key, holder: { kind: 'api', id: this.options.instanceId }, operation: 'submit' });
        if (attempt.kind === 'acquired') return { kind: 'free', lock: attempt.lock };
        if (attempt.kind === 'unreachable') return { kind: 'free', lock: null };
        method = locks.method;
      }
      if (keyed) return { kind: 'free', lock: null };
      const current = await tasks.find(task.tenantId, task.id);
      if (current !== null && current.liveRunId !== null) return { kind: 'conflict', liveRunId: current.liveRunId, method };
      if (clock.monotonic() >= deadline) return { kind: 'free', lock: null };
      await clock.sleep(pauseMs);
    }
  }

  private async submit(
    request: Omit<Parameters<RunStore['submit']>[0], 'runId' | 'at'> & { runId?: string },
    lock: HeldLock | null,
  ): Promise<StartOutcome> {
    const { runs, clock, observer } = this.parts;
    let outcome: SubmitOutcome;
    faultPoint('submit.beforeCommit');
    try {
      const limits = await this.limitsFor(request);
      const ids = { runId: request.runId ?? newRunId(), at: clock.now() };
      outcome = await runs.submit({ ...request, ...ids, ...(limits.length > 0 && { limits }) });
    } finally {
      // Not awaited: it goes out before the dispatch, so that the worker finds the key free.
      void lock?.release();
    }
    switch (outcome.kind) {
      case 'accepted':
        faultPoint('submit.afterCommit');
        observer.runSubmitted({ runId: outcome.run.id, taskId: outcome.run.taskId });
        this.dispatch(outcome.run);
        faultPoint('submit.afterDispatch');
        return { kind: 'accepted', run: outcome.run, replayed: false };
      case 'replayed':
        return { kind: 'accepted', run: outcome.run, replayed: true };
      case 'limited': {
        const refusal = limitRefusal(outcome);
        observer.startRefused(refusal.observed);
        throw refusal.error;
      }
      case 'duplicate':
        return { kind: 'conflict', taskId: request.taskId!, liveRunId: outcome.liveRunId, method: 'sql' };
      case 'key_reused':
        throw new BatonError('idempotency_key_reused', 'The Idempotency-Key belongs to another request.', {
          run_id: outcome.runId,
        });
      case 'task_missing':
        throw new BatonError('task_not_found', `There is no task \`${request.taskId}\`.`, { task_id: request.taskId });
    }
  }

  /** What it is under, unless too much is queued already. */
  private async limitsFor({ tenantId, workflow }: Pick<Submission, 'tenantId' | 'workflow'>): Promise<RunLimit[]> {
    const { backlog, limits, observer } = this.parts;
    try {
      await backlog.check(tenantId);
    } catch (error) {
      observer.startRefused({ code: 'backlog_full', limit: 'backlog' });
      throw error;
    }
    return limits.limitsFor(tenantId, workflow);
  }

  /** A run that waits for a place under a limit has no job: a place may just have become free, so its lines are looked at. */
  private dispatch(run: Run): void {
    const { queue, backlog, admitter, observer } = this.parts;
    const { id: runId, taskId, wakeAt } = run;
    backlog.add(run.tenantId);
    if (wakeAt === null) {
      observer.runWaitsForPlace({ runId, taskId });
      admitter.ring(scopesOf(run));
      return;
    }
    queue.enqueue([dispatchOf(run)]).catch((error: unknown) => observer.dispatchFailed(runId, error));
  }

  /** @throws BatonError `invalid_request` for an input that does not fit what the workflow's definition says of it. */
  async checkInput(workflow: WorkflowRef, input: JsonValue): Promise<void> {
    await this.inputs.check(workflow, input);
  }

  /** The form of an input, as runs carry it. @throws BatonError `payload_too_large`, `storage_unavailable`. */
  async keepInput(tenantId: string, input: JsonValue): Promise<JsonValue> {
    const text = JSON.stringify(input);
    const bytes = Buffer.byteLength(text);
    if (bytes > this.options.maxInputBytes) {
      throw new BatonError(
        'payload_too_large',
        `The input has ${bytes} bytes; MAX_INPUT_BYTES allows ${this.options.maxInputBytes}.`,
      );
    }
    return this.parts.payloads.keep(tenantId, input, text);
  }
}

/** The task's input. Without one, or where something else is asked: the title, told more by the description. */
function taskInput(task: Task, { title = task.title, description }: Pick<StartTaskRun, 'title' | 'description'>): JsonValue {
  const more = description ?? task.description;
  if (task.input !== null && title === task.title && more === task.description) return task.input;
  return more === null ? { question: title } : { question: title, description: more };
}
