import {
  abortable,
  amountsOf,
  BatonError,
  callAmounts,
  compileExpression,
  compileTemplate,
  inlineForm,
  lookupIn,
  openForm,
  PayloadMissing,
  dependencyOutputs,
  ownLimits,
  scopeOf,
  toErrorInfo,
  type BlobRef,
  type CallAmounts,
  type ChildOutcome,
  type ChildrenRequest,
  type Clock,
  type JsonObject,
  type JsonValue,
  type LoadedPayloads,
  type NodeContext,
  type NodeHandler,
  type NodeStart,
  type NodeState,
  type NodeWait,
  type PatchResult,
  type PlanCompensation,
  type PlanNode,
  type Run,
  type RunState,
  type StepOptions,
  type Template,
  type Usage,
  type WaitResult,
} from '@baton/core';
import type { AttemptLog } from './attempt-log.js';
import { attemptLimit } from './attempt-limit.js';
import { Suspension, type AttemptOutcome, type FinishedStep, type StrandedAttempt } from './attempt-outcome.js';
import { attemptReferences } from './attempt-payloads.js';
import type { ChildRequests } from './child-requests.js';
import type { RunPayloads } from './run-payloads.js';
import { OverBudget } from './run-budget.js';
import { StepsInWork } from './steps-in-work.js';

/** Thrown through a handler to leave it: payloads cannot be put or read. */
class Stranding extends Error {
  constructor(override readonly cause: unknown) {
    super('the payloads of the run cannot be reached');
  }
}

/** What the attempts of a run's nodes share. */
interface AttemptParts {
  run: Run;
  state: RunState;
  clock: Clock;
  maxOutputBytes: number;
  childRequests: ChildRequests;
  payloads: RunPayloads;
}

/** What is tried, and who hears of it. */
export interface AttemptTask {
  readonly node: PlanNode;
  /** What is done: the node's own work, or what undoes it. */
  readonly work: PlanNode | PlanCompensation;
  readonly start: NodeStart;
  readonly handler: NodeHandler;
  readonly log: AttemptLog;
  /** Finished steps that the state does not know yet, in the form that runs carry. */
  readonly finishedSteps?: ReadonlyMap<string, JsonValue>;
  /** Journals a finished step; resolves once it is committed. Null: it will be with the end of the attempt. */
  journalStep(step: FinishedStep): Promise<void> | null;
  /** Holds what a step is going to use. False: there is no budget. */
  reserve(key: string, wanted: () => CallAmounts, signal: AbortSignal): Promise<boolean> | false;
  /** A step has failed: what it holds is free again, but for what it has used. */
  releaseStep(key: string, used: Usage | null): void;
  /** Changes the run; `key` is the same whenever the node asks for the same. */
  patchRun(key: string, operations: JsonValue, reason: string): Promise<PatchResult>;
}

type Ended = AttemptOutcome | StrandedAttempt;

const NOTHING_LOADED: LoadedPayloads = new Map();
const NOT_HELD = Promise.resolve(false);

/** One try of a node's visit: calls its handler with a context of its own, under a time limit. */
export class NodeAttempt {
  private readonly abortion = new AbortController();
  private readonly steps = new StepsInWork((error) => {
    if (!this.hasReturned && !this.abortion.signal.aborted) this.abort(error);
  });
  private end: ((outcome: Ended) => void) | null = null;
  private skipped: { nodeId: string; reason: string }[] = [];
  /** What the handler has returned counts, though steps of it want more than is left. */
  private hasReturned = false;
  private repeats = false;
  private continues: { input: JsonValue } | null = null;
  private loaded: LoadedPayloads = NOTHING_LOADED;
  /** Once it has been thrown it counts, whatever the handler makes of it. */
  private stranding: Stranding | null = null;

  constructor(
    private readonly parts: AttemptParts,
    private readonly task: AttemptTask,
  ) {}

  /** Tells the handler to stop. What it returns afterwards is of no interest. */
  abort(reason: Error): void {
    this.abortion.abort(reason);
    this.steps.leaveAll(reason);
    this.end?.(this.outcomeOf(reason));
  }

  /** Ends with the handler, or as soon as it is aborted: a handler that ignores its signal must not hold up the run. */
  execute(): Promise<Ended> {
    return new Promise((resolve) => {
      const stopTimer = this.limitTime();
      this.end = (outcome) => {
        stopTimer?.();
        resolve(outcome);
      };
      void this.attempt().then(this.end);
    });
  }

  private async attempt(): Promise<Ended> {
    const { signal } = this.abortion;
    try {
      signal.throwIfAborted();
      const references = attemptReferences(this.parts, this.task);
      if (references.length > 0) this.loaded = await this.load(references);
      for (;;) {
        try {
          const returned = await this.task.handler.execute(this.context());
          this.hasReturned = true;
          signal.throwIfAborted();
          const kept = this.keep(returned);
          const output = kept instanceof Promise ? await kept : kept;
          const continues = this.continues === null ? null : { input: await this.keep(this.continues.input) };
          if (this.stranding !== null) throw this.stranding;
          return { kind: 'completed', output, skip: this.skipped, repeat: this.repeats, continues };
        } catch (error) {
          if (!(error instanceof PayloadMissing)) throw error;
          await this.loadMissing(error.reference);
        }
      }
    } catch (error) {
      return this.outcomeOf(error);
    }
  }

  /** A handler that asks for a payload that is not at hand is called again once it is: its finished steps are replayed. */
  private async loadMissing(reference: BlobRef): Promise<void> {
    // Steps that are held up cannot begin anew: the node asks first.
    if (this.steps.overBudget !== null) this.abort(this.steps.overBudget);
    this.abortion.signal.throwIfAborted();
    this.loaded = new Map([...this.loaded, ...(await this.load([reference]))]);
    this.skipped = [];
    this.repeats = false;
    this.continues = null;
  }

  private outcomeOf(error: unknown): Ended {
    if (this.stranding !== null) return { kind: 'stranded', error: this.stranding.cause };
    if (error instanceof OverBudget) return { kind: 'over_budget', ask: error.ask };
    if (error instanceof Suspension) return { kind: 'suspended', key: error.key, wait: error.wait };
    return { kind: 'failed', error: toErrorInfo(error) };
  }

  private load(references: readonly BlobRef[]): Promise<LoadedPayloads> {
    const { run, payloads } = this.parts;
    return this.reached(payloads.load(run.tenantId, references));
  }

  private open(form: JsonValue): Promise<JsonValue> {
    const { run, payloads } = this.parts;
    return this.reached(payloads.open(run.tenantId, form));
  }

  private async reached<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.abortion.signal.throwIfAborted();
      return result;
    } catch (error) {
      if (!(error instanceof BatonError) || error.code !== 'storage_unavailable') throw error;
      throw (this.stranding ??= new Stranding(error));
    }
  }

  /** Aborts the attempt when its time is up. Returns the way to stop that; null: it may take as long as it likes. */
  private limitTime(): (() => void) | null {
    const limit = attemptLimit(this.parts, this.task);
    if (limit === null) return null;
    const { ms, error } = limit;
    if (ms <= 0) this.abort(error);
    const finished = new AbortController();
    void this.parts.clock.sleep(ms, finished.signal).then(() => {
      if (!finished.signal.aborted) this.abort(error);
    });
    return () => finished.abort('the attempt has ended');
  }

  private context(): NodeContext {
    const { run, state } = this.parts;
    const { node, work, start } = this.task;
    const lookup = lookupIn(this.loaded);
    const isUndo = work !== node;
    const idempotencyKey = `${run.id}/${node.id}/${start.visit}${isUndo ? '/undo' : ''}`;
    const filled = (template: Template | null, otherwise: JsonValue): JsonValue =>
      template === null ? otherwise : template.evaluate(scopeOf(state, template.nodeIds, lookup));
    return {
      runId: run.id,
      tenantId: run.tenantId,
      taskId: run.taskId,
      startedBy: state.startedBy,
      nodeId: node.id,
      visit: start.visit,
      attempt: start.attempt,
      idempotencyKey,
      input: filled(node.input, openForm(run.input, lookup)),
      concurrency: node.concurrency ?? state.plan.concurrency,
      circuit: state.plan.circuit,
      config: filled(work.configTemplate, work.config) as JsonObject,
      last: openForm(this.nodeState.output, lookup),
      outputs: isUndo ? { [node.id]: openForm(this.nodeState.output, lookup) } : dependencyOutputs(state, node, lookup),
      signal: this.abortion.signal,
      log: this.task.log,
      step: (key, fn, options) => guarded(this.step(key, fn, options)),
      reserve: (key, wanted, signal) => this.reserve(key, wanted, signal),
      waitFor: (key, wait) => guarded(this.waitFor(key, wait)),
      patch: (key, operations, reason) =>
        guarded(this.step(key, () => this.task.patchRun(`${idempotencyKey}/${key}`, operations, reason))),
      runChildren: (key, children) => guarded(this.runChildren(key, children)),
      evaluate: (text, more) => {
        const expression = compileExpression(text);
        return expression.evaluate({ ...scopeOf(state, expression.nodeIds, lookup), ...more });
      },
      render: (json, more) => {
        const template = compileTemplate(json);
        return template.evaluate({ ...scopeOf(state, template.nodeIds, lookup), ...more });
      },
      skip: (nodeIds, reason) => void this.skipped.push(...nodeIds.map((nodeId) => ({ nodeId, reason }))),
      repeat: () => void (this.repeats = true),
      continueAsNew: (input) => void (this.continues = { input: this.read(input).value }),
    };
  }

  /** By its id: a patch may move the node's place. */
  private get nodeState(): NodeState {
    const { state } = this.parts;
    return state.nodes[state.plan.indexById.get(this.task.node.id)!]!;
  }

  private async waitFor(key: string, wait: NodeWait): Promise<WaitResult> {
    const ended = this.finishedStep(key);
    if (ended !== undefined) return (await this.open(ended)) as unknown as WaitResult;
    this.abortion.signal.throwIfAborted();
    throw new Suspension(key, { ...wait, until: wait.until === null ? null : Math.ceil(wait.until) });
  }

  private async runChildren(key: string, request: ChildrenRequest): Promise<(ChildOutcome | null)[]> {
    if (request.inputs.length === 0) return [];
    const node = this.nodeState;
    const group = node.children?.get(key);
    if (group !== undefined && node.steps?.has(key) === true) return this.openOutcomes(group.outcomes);
    this.abortion.signal.throwIfAborted();
    const { run, childRequests } = this.parts;
    const inputs = await Promise.all(request.inputs.map(async (input) => this.keep(input)));
    const { depth } = ownLimits(this.parts.state);
    const children = await childRequests.prepare(run, this.task.node.id, { ...request, inputs }, depth);
    const { workflow, wanted } = children;
    throw new Suspension(key, {
      awaits: { kind: 'children', workflow: workflow.name, count: inputs.length, wanted },
      until: null,
      reason: `waiting for ${inputs.length === 1 ? 'a child run' : `${inputs.length} child runs`} of ${workflow.name}`,
      ...(group === undefined && { children }),
    });
  }

  private async step<T extends JsonValue>(
    key: string,
    fn: (signal: AbortSignal) => Promise<T> | T,
    { usage, spent, isLast }: StepOptions<T> = {},
  ): Promise<T> {
    const done = this.finishedStep(key);
    if (done !== undefined) return (await this.open(done)) as T;
    if (this.steps.has(key)) throw new Error(`the step \`${key}\` is in work already: keys are unique within a node`);
    const { signal } = this.abortion;
    let result: T | undefined;
    try {
      signal.throwIfAborted();
      result = await this.steps.run(key, () => fn(signal));
      signal.throwIfAborted();
      const { value, text } = this.read(result);
      const kept = this.keepText(value, text);
      const output = kept instanceof Promise ? await kept : kept;
      const isTheLast = isLast?.(value as T) ?? false;
      const committed = this.task.journalStep({ key, output, usage: usage?.(value as T) ?? null, isLast: isTheLast });
      if (committed !== null) await committed;
      return value as T;
    } catch (error) {
      const used = usageOf(() => (result === undefined ? spent?.(error) : usage?.(result)));
      this.task.releaseStep(key, used);
      throw error;
    } finally {
      this.steps.end(key);
    }
  }

  private reserve(key: string, wanted: () => Usage, own?: AbortSignal): Promise<boolean> {
    const { signal } = this.abortion;
    if (signal.aborted) return guarded(Promise.reject(signal.reason as Error));
    const left = own === undefined ? signal : AbortSignal.any([signal, own]);
    const held = this.task.reserve(key, () => callAmounts(amountsOf(wanted())), left);
    return held === false ? NOT_HELD : guarded(this.untilHeld(key, held, left));
  }

  /** A step that is given up is left at once, however late the answer: the next try of it begins with the same key. */
  private async untilHeld(key: string, held: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    try {
      return await abortable(held, signal);
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      this.steps.holdUp(key, error);
      // Whatever the handler makes of errors, this is none of its own: it is left once its other steps are done, which were paid.
      return await abortable(new Promise<never>(ignore), this.abortion.signal);
    }
  }

  private finishedStep(key: string): JsonValue | undefined {
    return this.task.finishedSteps?.get(key) ?? this.nodeState.steps?.get(key);
  }

  private async openOutcomes(outcomes: readonly (ChildOutcome | null)[]): Promise<(ChildOutcome | null)[]> {
    const open = async (outcome: ChildOutcome | null): Promise<ChildOutcome | null> =>
      outcome?.status === 'completed' ? { ...outcome, output: await this.open(outcome.output) } : outcome;
    return Promise.all(outcomes.map(open));
  }

  /** As the run carries it. At once where nothing is put: nearly always. */
  private keep(output: JsonValue): JsonValue | Promise<JsonValue> {
    const { value, text } = this.read(output);
    return this.keepText(value, text);
  }

  private keepText(value: JsonValue, text: string): JsonValue | Promise<JsonValue> {
    const { run, payloads } = this.parts;
    return payloads.isSmall(text) ? inlineForm(value, text) : this.reached(payloads.keep(run.tenantId, value, text));
  }

  /** The output as it will be read again: what follows sees the same now and after a crash. */
  private read(output: JsonValue): { value: JsonValue; text: string } {
    const text = toJson(output ?? null);
    if (text === null) throw this.refused('node_failed', 'The output is not JSON.');
    const bytes = Buffer.byteLength(text);
    const { maxOutputBytes } = this.parts;
    if (bytes <= maxOutputBytes) return { value: JSON.parse(text) as JsonValue, text };
    throw this.refused('payload_too_large', `The output has ${bytes} bytes; MAX_OUTPUT_BYTES allows ${maxOutputBytes}.`);
  }

  private refused(code: 'node_failed' | 'payload_too_large', problem: string): BatonError {
    return new BatonError(code, problem, { node_id: this.task.node.id }, { retryable: false });
  }
}

/** Null where it cannot be told: what came of a step may be anything, and must not hide why the step has failed. */
function usageOf(tell: () => Usage | null | undefined): Usage | null {
  try {
    return tell() ?? null;
  } catch {
    return null;
  }
}

/** A handler that does not wait for what it asked must not take the process down with it. */
function guarded<T>(result: Promise<T>): Promise<T> {
  result.catch(ignore);
  return result;
}

function ignore(): void {}

/** Null where a handler returned what JSON cannot say: a function, a cycle, a BigInt. */
function toJson(output: JsonValue): string | null {
  try {
    return JSON.stringify(output) ?? null;
  } catch {
    return null;
  }
}
