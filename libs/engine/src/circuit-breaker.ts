import { randomUUID } from 'node:crypto';
import {
  admitCall,
  afterAnswer,
  afterFailure,
  circuitOpen,
  closedCircuit,
  judgeFailure,
  MAX_TARGET_CHARS,
  NodeHandler,
  releaseProbe,
  takeProbe,
  toErrorInfo,
  type Circuit,
  type CircuitPolicy,
  type CircuitStore,
  type Clock,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type TargetKey,
} from '@baton/core';
import type { EngineObserver } from './engine-observer.js';
import { TargetCounts, type TargetCountsOptions } from './target-counts.js';

export interface CircuitBreakerOptions extends TargetCountsOptions {
  /** Where the definition says nothing. */
  policy: CircuitPolicy;
  /** How old what this process knows of other workers' failures may be when it makes a call. */
  refreshMs: number;
}

/** Circuits in trouble that a process keeps in mind. */
const TROUBLED = 5_000;
/** Times that a change is tried while others change the same circuit. */
const TRIES = 20;
/** Characters of a failure that a circuit keeps. */
const ERROR_CHARS = 500;

/**
 * Stops calls to targets that fail, for all workers together. What the others know is read at most once in `refreshMs`, by a call, for all
 * targets at once; a target that is well costs nothing else. When the store cannot be asked, calls are made: the circuit saves work, nothing hangs
 * on it.
 */
export class CircuitBreaker {
  private readonly counts: TargetCounts;
  /** Only circuits that are not well. */
  private known = new Map<string, Circuit>();
  private readAt = -Infinity;
  private reading: Promise<void> | null = null;
  /** Changes of one circuit by this process come one after the other. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly parts: { circuits: CircuitStore; clock: Clock; observer: EngineObserver },
    private readonly options: CircuitBreakerOptions,
  ) {
    this.counts = new TargetCounts(parts, options);
  }

  /** The handler, its calls under the circuit of the target that it names; one that names none is returned as it is. */
  guard(handler: NodeHandler): NodeHandler {
    return handler.target === undefined ? handler : new GuardedHandler(handler, this);
  }

  /**
   * Makes a call to a target, unless its circuit is open.
   * @throws BatonError `circuit_open`, and whatever the call throws.
   */
  async call<T>(key: TargetKey, own: Partial<CircuitPolicy>, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const target = key.target.length <= MAX_TARGET_CHARS ? key : { ...key, target: key.target.slice(0, MAX_TARGET_CHARS) };
    if (this.isOutdated) await this.read();
    // All is well with most targets: nothing else is waited for then.
    const known = this.findKnown(target);
    const token = known === undefined ? null : await this.admit(target, known, own);
    const startedAt = this.parts.clock.monotonic();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // A call that ignores its signal is judged by it: its time was up, or it was stopped by no fault of the target.
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave);
    let result: T;
    try {
      work().then(resolve, reject);
      if (signal.aborted) leave();
      result = await promise;
    } catch (error) {
      await this.learnOfFailure(target, own, token, startedAt, error);
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
    this.count(target, false, startedAt);
    if (this.findKnown(target) !== undefined) await this.learnOfAnswer(target, token);
    return result;
  }

  /** Writes what has been counted. */
  close(): Promise<void> {
    return this.counts.flush();
  }

  private findKnown(key: TargetKey): Circuit | undefined {
    return this.known.size === 0 ? undefined : this.known.get(nameOf(key));
  }

  private policyOf(own: Partial<CircuitPolicy>): CircuitPolicy {
    return { ...this.options.policy, ...own };
  }

  /** The token of the call that tries whether the target is back; null: calls are made as usual. */
  private async admit(key: TargetKey, circuit: Circuit, own: Partial<CircuitPolicy>): Promise<string | null> {
    const { clock } = this.parts;
    const admission = admitCall(circuit, clock.now());
    if (admission.kind === 'pass') return null;
    if (admission.kind === 'refused') throw circuitOpen(circuit, admission.until, clock.now());
    const token = randomUUID();
    const policy = this.policyOf(own);
    const taken = await this.change(key, (current) => takeProbe(current, token, clock.now(), policy), token);
    if (taken === null || taken.probe?.token === token) return token;
    const again = admitCall(taken, clock.now());
    if (again.kind === 'pass') return null;
    throw circuitOpen(taken, again.kind === 'refused' ? again.until : clock.now(), clock.now());
  }

  private count(key: TargetKey, failed: boolean, startedAt: number): void {
    this.counts.add(key, failed, this.parts.clock.monotonic() - startedAt);
  }

  private async learnOfAnswer(key: TargetKey, token: string | null): Promise<void> {
    const { clock, observer } = this.parts;
    const at = clock.now();
    const before = this.findKnown(key);
    if (before === undefined) return;
    const after = await this.change(key, (circuit) => afterAnswer(circuit, token, at), token);
    if (before.openedAt !== null && after?.openedAt === null) observer.circuitClosed(key);
  }

  private async learnOfFailure(
    key: TargetKey,
    own: Partial<CircuitPolicy>,
    token: string | null,
    startedAt: number,
    error: unknown,
  ): Promise<void> {
    const verdict = judgeFailure(error);
    if (verdict !== 'silent') this.count(key, verdict === 'failed', startedAt);
    if (verdict === 'answered') return this.learnOfAnswer(key, token);
    const { clock, observer } = this.parts;
    const at = clock.now();
    if (verdict === 'failed') {
      const policy = this.policyOf(own);
      const failure = { token, at, error: toErrorInfo(error).message.slice(0, ERROR_CHARS) };
      await this.change(
        key,
        (circuit) => {
          const after = afterFailure(circuit, failure, policy);
          if (after !== null && after.openUntil !== circuit.openUntil) observer.circuitOpened({ ...after, ms: policy.openMs });
          return after;
        },
        token,
      );
    } else if (token !== null) await this.change(key, (circuit) => releaseProbe(circuit, token, at), token);
  }

  /** What all workers know is older here than it may be. */
  private get isOutdated(): boolean {
    return this.parts.clock.monotonic() - this.readAt >= this.options.refreshMs;
  }

  private async read(): Promise<void> {
    const { circuits, clock, observer } = this.parts;
    this.reading ??= circuits
      .listTroubled(TROUBLED)
      .then((troubled) => void (this.known = new Map(troubled.map((circuit) => [nameOf(circuit), circuit]))))
      .catch((error: unknown) => observer.trouble({ what: 'read circuits', error }))
      .finally(() => {
        this.readAt = clock.monotonic();
        this.reading = null;
      });
    await this.reading;
  }

  /**
   * Changes a circuit, whoever else does at the same time; what came of it, or null when it could not be written. Only the call that tries
   * changes one that is open: the many that end after it has opened ask nobody.
   */
  private change(key: TargetKey, rule: (circuit: Circuit) => Circuit | null, token: string | null): Promise<Circuit | null> {
    const name = nameOf(key);
    const before = this.turns.get(name) ?? Promise.resolve();
    const turn = before.then(() => {
      const known = this.known.get(name);
      return token === null && known !== undefined && known.openedAt !== null ? known : this.tryToChange(key, rule);
    });
    this.turns.set(name, turn);
    void turn.finally(() => {
      if (this.turns.get(name) === turn) this.turns.delete(name);
    });
    return turn;
  }

  private async tryToChange(key: TargetKey, rule: (circuit: Circuit) => Circuit | null): Promise<Circuit | null> {
    const { circuits, observer } = this.parts;
    try {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const current = (await circuits.find(key)) ?? closedCircuit(key);
        const next = rule(current);
        if (next === null) return this.remember(current);
        if (await circuits.replace(next)) return this.remember({ ...next, revision: next.revision + 1 });
      }
      throw new Error(`the circuit of ${key.target} was changed by others ${TRIES} times`);
    } catch (error) {
      observer.trouble({ what: 'change circuit', error });
      return null;
    }
  }

  private remember(circuit: Circuit): Circuit {
    if (circuit.failures > 0) this.known.set(nameOf(circuit), circuit);
    else this.known.delete(nameOf(circuit));
    return circuit;
  }
}

/** A handler that calls a target, under its circuit. */
class GuardedHandler extends NodeHandler {
  readonly type: string;

  constructor(
    private readonly handler: NodeHandler,
    private readonly breaker: CircuitBreaker,
  ) {
    super();
    this.type = handler.type;
  }

  override bodies(config: JsonObject): ReturnType<NonNullable<NodeHandler['bodies']>> {
    return this.handler.bodies?.(config) ?? [];
  }

  override target(context: NodeContext): Promise<string | null> | string | null {
    return this.handler.target?.(context) ?? null;
  }

  override async execute(context: NodeContext): Promise<JsonValue> {
    const named = this.target(context);
    const target = named instanceof Promise ? await named : named;
    if (target === null) return this.handler.execute(context);
    const { tenantId, circuit = {}, signal } = context;
    return this.breaker.call({ tenantId, target }, circuit, signal, () => this.handler.execute(context));
  }
}

function nameOf({ tenantId, target }: TargetKey): string {
  return `${tenantId} ${target}`;
}
