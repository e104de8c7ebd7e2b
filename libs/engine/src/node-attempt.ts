import {
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
  type PayloadLookup,
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

/** Thrown through a handler to leave it: payloads cannot be put or read. */
class Stranding extends Error {
  constructor(override readonly cause: unknown) {
    super('the payloads of the run cannot be reached');
  }
}

interface AttemptParts {
  run: Run;
  state: RunState;
  node: PlanNode;
  /** What is done: the node's own work, or what undoes it. */
  work: PlanNode | PlanCompensation;
  start: NodeStart;
  handler: NodeHandler;
  log: AttemptLog;
  clock: Clock;
  maxOutputBytes: number;
  childRequests: ChildRequests;
  payloads: RunPayloads;
  /** Finished steps that the state does not know yet, in the form that runs carry. */
  finishedSteps?: ReadonlyMap<string, JsonValue>;
  /** Journals a finished step; resolves once it is committed, the last one of an attempt perhaps before. */
  journalStep(step: FinishedStep): Promise<void>;
  /** Holds what a step is going to use. */
  reserve(key: string, wanted: () => CallAmounts, signal: AbortSignal): Promise<boolean>;
  /** A step has failed: what it holds is free again, but for what it has used. */
  releaseStep(key: string, used: Usage | null): void;
  /** Changes the run; `key` is the same whenever the node asks for the same. */
  patchRun(key: string, operations: JsonValue, reason: string): Promise<PatchResult>;
}

/** One try of a node's visit: calls its handler with a context of its own, under a time limit. */
export class NodeAttempt {
  /** Resolves once its last step, which does not wait for that itself, is committed or will never be. */
  lastStep: Promise<void> | null = null;
  private readonly abortion = new AbortController();
  /** What is awaited for the handler is left at once when the attempt is aborted: a call costs less than a listener of the signal. */
  private readonly awaited = new Set<(reason: Error) => void>();
  private readonly stepsInWork = new Set<string>();
  private skipped: { nodeId: string; reason: string }[] = [];
  /** A step wants more than the run has left: the first one. */
  private overBudget: OverBudget | null = null;
  /** Steps that will not end any more: those that want too much, and those that hold them, as an item of a map holds the steps of its body. */
  private readonly heldUp = new Set<string>();
  /** What the handler has returned counts, though steps of it want more than is left. */
  private hasReturned = false;
  private repeats = false;
  private continues: { input: JsonValue } | null = null;
  private loaded: LoadedPayloads = new Map();
  /** Once it has been thrown it counts, whatever the handler makes of it. */
  private stranding: Stranding | null = null;

  constructor(private readonly parts: AttemptParts) {}

  /** Tells the handler to stop. What it returns afterwards is of no interest. */
  abort(reason: Error): void {
    this.abortion.abort(reason);
    for (const leave of this.awaited) leave(reason);
  }

  async execute(): Promise<AttemptOutcome | StrandedAttempt> {
    const outcome = await this.attempt();
    return this.stranding === null ? outcome : { kind: 'stranded', error: this.stranding.cause };
  }

  private async attempt(): Promise<AttemptOutcome> {
    const stopTimer = this.limitTime();
    try {
      this.abortion.signal.throwIfAborted();
      const references = attemptReferences(this.parts);
      if (references.length > 0) this.loaded = await this.load(references);
      const output = await this.keep(await this.handle());
      const continues = this.continues === null ? null : { input: await this.keep(this.continues.input) };
      return { kind: 'completed', output, skip: this.skipped, repeat: this.repeats, continues };
    } catch (error) {
      if (error instanceof OverBudget) return { kind: 'over_budget', ask: error.ask };
      if (error instanceof Suspension) return { kind: 'suspended', key: error.key, wait: error.wait };
      return { kind: 'failed', error: toErrorInfo(error) };
    } finally {
      stopTimer();
    }
  }

  /** A handler that asks for a payload that is not at hand is called again once it is: its finished steps are replayed. */
  private async handle(): Promise<JsonValue> {
    for (;;) {
      try {
        const output = await this.abortable(this.parts.handler.execute(this.context()));
        this.hasReturned = true;
        return output;
      } catch (error) {
        if (!(error instanceof PayloadMissing)) throw error;
        // Steps that are held up cannot begin anew: the node asks first.
        if (this.overBudget !== null) this.abort(this.overBudget);
        this.loaded = new Map([...this.loaded, ...(await this.load([error.reference]))]);
        this.skipped = [];
        this.repeats = false;
        this.continues = null;
      }
    }
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
      return await this.abortable(work);
    } catch (error) {
      if (!(error instanceof BatonError) || error.code !== 'storage_unavailable') throw error;
      throw (this.stranding ??= new Stranding(error));
    }
  }

  /** Aborts the attempt when its time is up. Returns the way to stop that. */
  private limitTime(): () => void {
    const limit = attemptLimit(this.parts);
    if (limit === null) return () => undefined;
    const { ms, error } = limit;
    if (ms <= 0) this.abort(error);
    const finished = new AbortController();
    void this.parts.clock.sleep(ms, finished.signal).then(() => {
      if (!finished.signal.aborted) this.abort(error);
    });
    return () => finished.abort('the attempt has ended');
  }

  private context(): NodeContext {
    const { run, state, node, work, start } = this.parts;
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
      outputs: openOutputs(isUndo ? { [node.id]: this.nodeState.output } : dependencyOutputs(state, node), lookup),
      signal: this.abortion.signal,
      log: this.parts.log,
      step: (key, fn, options) => guarded(this.step(key, fn, options)),
      reserve: (key, wanted, signal) => guarded(this.reserve(key, wanted, signal)),
      waitFor: (key, wait) => guarded(this.waitFor(key, wait)),
      patch: (key, operations, reason) =>
        guarded(this.step(key, () => this.parts.patchRun(`${idempotencyKey}/${key}`, operations, reason))),
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
    const { state, node } = this.parts;
    return state.nodes[state.plan.indexById.get(node.id)!]!;
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
    const { run, node: planned, childRequests } = this.parts;
    const inputs = await Promise.all(request.inputs.map((input) => this.keep(input)));
    const { depth } = ownLimits(this.parts.state);
    const children = await this.abortable(childRequests.prepare(run, planned.id, { ...request, inputs }, depth));
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
    { usage = () => null, spent = () => null, isLast = () => false }: StepOptions<T> = {},
  ): Promise<T> {
    const done = this.finishedStep(key);
    if (done !== undefined) return (await this.open(done)) as T;
    if (this.stepsInWork.has(key)) throw new Error(`the step \`${key}\` is in work already: keys are unique within a node`);
    this.stepsInWork.add(key);
    let used: (error: unknown) => Usage | null = spent;
    try {
      this.abortion.signal.throwIfAborted();
      const result = await this.abortable(this.work(key, fn));
      used = () => usage(result);
      const { value, text } = this.read(result);
      const output = await this.keepText(value, text);
      const step = { key, output, usage: usage(value as T), isLast: isLast(value as T) };
      await this.abortable(this.parts.journalStep(step));
      return value as T;
    } catch (error) {
      this.parts.releaseStep(
        key,
        usageOf(() => used(error)),
      );
      throw error;
    } finally {
      this.stepsInWork.delete(key);
      this.leaveOverBudget();
    }
  }

  /** What comes of a step that is held up is not its result: the time of an item may be up, which only waits to be left. */
  private async work<T>(key: string, fn: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
    try {
      return await fn(this.abortion.signal);
    } finally {
      if (this.heldUp.has(key)) await this.untilLeft();
    }
  }

  private async reserve(key: string, wanted: () => Usage, own?: AbortSignal): Promise<boolean> {
    const { signal } = this.abortion;
    const left = own === undefined ? signal : AbortSignal.any([signal, own]);
    try {
      return await this.abortable(this.parts.reserve(key, () => callAmounts(amountsOf(wanted())), left));
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      this.overBudget ??= error;
      for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1)) this.heldUp.add(key.slice(0, end));
      this.leaveOverBudget();
      // Whatever the handler makes of errors, this is none of its own: it is left once its other steps are done, which were paid.
      return await this.untilLeft();
    }
  }

  private untilLeft(): Promise<never> {
    return this.abortable(new Promise<never>(() => undefined));
  }

  /** The handler takes the results of its steps first: it may begin others, or have enough. */
  private leaveOverBudget(): void {
    const error = this.overBudget;
    if (error === null) return;
    setImmediate(() => {
      if (this.hasReturned || this.abortion.signal.aborted) return;
      for (const key of this.stepsInWork) if (!this.heldUp.has(key)) return;
      this.abort(error);
    });
  }

  private finishedStep(key: string): JsonValue | undefined {
    return this.parts.finishedSteps?.get(key) ?? this.nodeState.steps?.get(key);
  }

  /** A handler that ignores its signal must not hold up the run. */
  private abortable<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.abortion;
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      this.awaited.add(reject);
      work.then(
        (value) => {
          this.awaited.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.awaited.delete(reject);
          reject(error);
        },
      );
    });
  }

  private async openOutcomes(outcomes: readonly (ChildOutcome | null)[]): Promise<(ChildOutcome | null)[]> {
    const open = async (outcome: ChildOutcome | null): Promise<ChildOutcome | null> =>
      outcome?.status === 'completed' ? { ...outcome, output: await this.open(outcome.output) } : outcome;
    return Promise.all(outcomes.map(open));
  }

  /** As the run carries it. */
  private async keep(output: JsonValue): Promise<JsonValue> {
    const { value, text } = this.read(output);
    return this.keepText(value, text);
  }

  /** At once where nothing is put: nearly always. */
  private keepText(value: JsonValue, text: string): JsonValue | Promise<JsonValue> {
    const { run, payloads } = this.parts;
    return payloads.isSmall(text) ? inlineForm(value, text) : this.reached(payloads.keep(run.tenantId, value, text));
  }

  /** The output as it will be read again: what follows sees the same now and after a crash. */
  private read(output: JsonValue): { value: JsonValue; text: string } {
    const node = { node_id: this.parts.node.id };
    const text = toJson(output ?? null);
    if (text === null) throw new BatonError('node_failed', 'The output is not JSON.', node, { retryable: false });
    const bytes = Buffer.byteLength(text);
    if (bytes <= this.parts.maxOutputBytes) return { value: JSON.parse(text) as JsonValue, text };
    const problem = `The output has ${bytes} bytes; MAX_OUTPUT_BYTES allows ${this.parts.maxOutputBytes}.`;
    throw new BatonError('payload_too_large', problem, node, { retryable: false });
  }
}

/** Null where it cannot be told: what came of a step may be anything, and must not hide why the step has failed. */
function usageOf(tell: () => Usage | null): Usage | null {
  try {
    return tell();
  } catch {
    return null;
  }
}

function openOutputs(outputs: JsonObject, lookup: PayloadLookup): JsonObject {
  return Object.fromEntries(Object.entries(outputs).map(([id, output]) => [id, openForm(output, lookup)]));
}

/** A handler that does not wait for what it asked must not take the process down with it. */
function guarded<T>(result: Promise<T>): Promise<T> {
  result.catch(() => undefined);
  return result;
}

/** Null where a handler returned what JSON cannot say: a function, a cycle, a BigInt. */
function toJson(output: JsonValue): string | null {
  try {
    return JSON.stringify(output) ?? null;
  } catch {
    return null;
  }
}
