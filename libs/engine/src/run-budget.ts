import {
  amountsOf,
  askOf,
  BatonError,
  budgetExceeded,
  callAmounts,
  callTerms,
  holdId,
  type BudgetAsk,
  type BudgetHold,
  type BudgetLedger,
  type BudgetLimits,
  type CallAmounts,
  type CallTerms,
  type Clock,
  type HoldFence,
  type ReserveOutcome,
  type Run,
  type RunState,
  type Usage,
} from '@baton/core';
import type { EngineObserver } from './engine-observer.js';
import type { TenantBudgets } from './tenant-budgets.js';

/** Thrown through a handler to leave it: more is wanted than is left. Nothing went wrong. `ask`: what the run asks for; null: it has asked. */
export class OverBudget extends Error {
  constructor(readonly ask: Pick<BudgetAsk, 'scope' | 'over' | 'until' | 'account' | 'role'> | null) {
    super('the budget is used up');
  }
}

/** What the calls of one process take of budgets. */
export interface CallBudgets {
  ledger: Pick<BudgetLedger, 'reserve' | 'settle'>;
  tenants: Pick<TenantBudgets, 'find' | 'refresh'>;
  /** What a run may use up, where its definition says nothing. */
  configured?: BudgetLimits;
}

interface RunBudgetParts extends CallBudgets {
  run: Run;
  state: RunState;
  clock: Pick<Clock, 'now' | 'sleep'>;
  observer: Pick<EngineObserver, 'trouble'>;
  fence: HoldFence;
}

/** What became of a hold, until the ledger has confirmed it. `telling`: it is being told; null: it did not answer. */
interface HoldEnd {
  readonly hold: BudgetHold;
  readonly used: CallAmounts | null;
  telling: Promise<void> | null;
}

/** How long a call waits for what others hold, or for the ledger, before it looks again. */
const LOOK_AGAIN_MS = 250;

/**
 * What the calls in work of a run may still use up. Each is held in the ledger before it is made, which all processes share: nodes that call at
 * once, in pools and in child runs too, stay within the limits together.
 */
export class RunBudget {
  /** What calls in work are going to use at most, by node and step. */
  private readonly held = new Map<string, Map<string, BudgetHold>>();
  /** Ends that the ledger has not confirmed, by the id of their hold. */
  private readonly ends = new Map<string, HoldEnd>();
  /** The ids of holds that the ledger is asked for. */
  private readonly asking = new Set<string>();
  /** Wakes the calls that wait. */
  private readonly waiting = new Set<() => void>();

  constructor(private readonly parts: RunBudgetParts) {}

  /**
   * Holds what a call wants until its step is settled or fails, or its node leaves work. Where others hold what it needs, it waits for what they leave; where
   * not even that could do, it throws. False: there is no budget, and nothing is held: told at once, where the tenant is known.
   * @throws OverBudget; BatonError `budget_exceeded` where the run asks for no more.
   */
  reserve(
    node: { id: string; visit: number },
    step: string,
    wanted: () => CallAmounts,
    signal: AbortSignal,
  ): Promise<boolean> | false {
    // What is done must not stay half undone: an undoing has no budget.
    if (this.parts.state.undoing !== null) return false;
    const reserveUnder = (terms: readonly CallTerms[]) => (terms.length === 0 ? false : this.hold(node, step, wanted, signal));
    const terms = this.terms();
    return terms instanceof Promise ? terms.then(reserveUnder) : reserveUnder(terms);
  }

  private async hold(
    node: { id: string; visit: number },
    step: string,
    wanted: () => CallAmounts,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { run, state } = this.parts;
    const named = { runId: run.id, nodeId: node.id, visit: node.visit, step, fence: this.parts.fence };
    const call = { id: holdId(named), tenantId: run.tenantId, ...named, wanted: wanted() };
    for (;;) {
      signal.throwIfAborted();
      if (state.budget.asking !== null) throw new OverBudget(null);
      const terms = await this.terms();
      if (terms.length === 0) return false;
      const hold = { ...call, accounts: terms.map(({ account }) => account) };
      const outcome = await this.ask(hold, terms, signal);
      if (outcome.kind === 'held') return true;
      if (outcome.kind === 'busy') await this.untilNews(signal);
      else if (!(await this.hasChanged(terms, outcome.account))) throw this.refusal(terms, outcome);
    }
  }

  /** The hold of a step whose answer is there: whoever takes it settles it. Null: there is none. */
  takeHold(nodeId: string, step: string): BudgetHold | null {
    const steps = this.held.get(nodeId);
    const hold = steps?.get(step) ?? null;
    steps?.delete(step);
    return hold;
  }

  /** What the step has used counts instead of what was held. Null: it has used nothing. */
  settle(hold: BudgetHold, usage: Usage | null): void {
    this.end(hold, usage === null ? null : callAmounts(amountsOf(usage)));
  }

  /** The step has failed: it may be tried again at once, and holds no more by then than what it is tried with. Null: it has used nothing. */
  releaseStep(nodeId: string, step: string, usage: Usage | null): void {
    const hold = this.takeHold(nodeId, step);
    if (hold !== null) this.settle(hold, usage);
  }

  /** The node is not in work any more. */
  release(nodeId: string): void {
    const steps = this.held.get(nodeId);
    this.held.delete(nodeId);
    if (this.ends.size > 0) for (const end of this.ends.values()) if (end.hold.nodeId === nodeId) void this.tellLedger(end);
    if (steps !== undefined) for (const hold of steps.values()) this.end(hold, null);
  }

  releaseAll(): void {
    const ended = [...this.ends.values()].map(({ hold }) => hold.nodeId);
    for (const nodeId of new Set([...this.held.keys(), ...ended])) this.release(nodeId);
  }

  private terms(): readonly CallTerms[] | Promise<readonly CallTerms[]> {
    const { run, state, clock, configured, tenants } = this.parts;
    const tenant = tenants.find(run.tenantId);
    if (tenant instanceof Promise) return tenant.then((found) => callTerms(state, found, clock.now(), configured));
    return callTerms(state, tenant, clock.now(), configured);
  }

  /** Whether the limits of a tenant are others than this process knew: it remembers them for a while. */
  private async hasChanged(terms: readonly CallTerms[], account: string): Promise<boolean> {
    const limitsIn = (those: readonly CallTerms[]): string => {
      const term = those.find((one) => one.account === account);
      return JSON.stringify(term === undefined ? null : term.limits);
    };
    if (terms.find((one) => one.account === account)!.scope !== 'tenant') return false;
    await this.parts.tenants.refresh(this.parts.run.tenantId);
    return limitsIn(await this.terms()) !== limitsIn(terms);
  }

  /**
   * Keeps the hold that the ledger grants. A ledger that is away is waited for: the call would not be lost, but not counted. So is its answer to an earlier
   * try of the call that was given up: what that is granted stands under the same id, and ends at once.
   */
  private async ask(hold: BudgetHold, terms: readonly CallTerms[], signal: AbortSignal): Promise<ReserveOutcome> {
    if (this.asking.has(hold.id)) return { kind: 'busy' };
    this.asking.add(hold.id);
    try {
      if (this.ends.size > 0 && !(await this.hasEnded(hold.id))) return { kind: 'busy' };
      const outcome = await this.parts.ledger.reserve(hold, terms);
      if (outcome.kind === 'held') this.keep(hold, signal);
      return outcome;
    } catch (error) {
      if (!(error instanceof BatonError) || error.code !== 'storage_unavailable') throw error;
      return { kind: 'busy' };
    } finally {
      this.asking.delete(hold.id);
    }
  }

  private keep(hold: BudgetHold, signal: AbortSignal): void {
    if (signal.aborted) this.end(hold, null);
    signal.throwIfAborted();
    const steps = this.held.get(hold.nodeId) ?? new Map<string, BudgetHold>();
    steps.set(hold.step, hold);
    this.held.set(hold.nodeId, steps);
  }

  private end(hold: BudgetHold, used: CallAmounts | null): void {
    const end: HoldEnd = { hold, used, telling: null };
    this.ends.set(hold.id, end);
    void this.tellLedger(end);
  }

  /** What it does not hear of it is told again by the next call that asks, or once its node leaves work; what is left stands until the sweeper finds it, who goes by the journal. */
  private tellLedger(end: HoldEnd): Promise<void> {
    const { ledger, observer, run } = this.parts;
    return (end.telling ??= ledger.settle(end.hold, end.used).then(
      () => {
        this.ends.delete(end.hold.id);
        this.tell();
      },
      (error: unknown) => {
        end.telling = null;
        observer.trouble({ what: 'budget ledger', runId: run.id, error });
      },
    ));
  }

  /** Whether nothing stands under the id any more: a call that is made again must not take what the one before it has used for its own. */
  private async hasEnded(id: string): Promise<boolean> {
    const awaited = [...this.ends.values()].filter(({ hold, telling }) => telling === null || hold.id === id);
    await Promise.all(awaited.map((end) => this.tellLedger(end)));
    return !this.ends.has(id);
  }

  private refusal(terms: readonly CallTerms[], outcome: Extract<ReserveOutcome, { kind: 'over' }>): Error {
    const ask = askOf(terms, outcome);
    if (terms.find(({ account }) => account === outcome.account)!.onBudget === 'ask') return new OverBudget(ask);
    const { message, details } = budgetExceeded(ask, null);
    return new BatonError('budget_exceeded', message, details, { retryable: false });
  }

  private async untilNews(signal: AbortSignal): Promise<void> {
    const heard = new AbortController();
    const wake = (): void => heard.abort('there is news');
    this.waiting.add(wake);
    await this.parts.clock.sleep(LOOK_AGAIN_MS, AbortSignal.any([signal, heard.signal]));
    this.waiting.delete(wake);
  }

  private tell(): void {
    for (const wake of this.waiting) wake();
  }
}
