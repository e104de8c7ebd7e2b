import {
  addAmounts,
  BatonError,
  budgetExceeded,
  failsOverBudget,
  overBudget,
  raisedLimits,
  runOver,
  usedAmounts,
  type BudgetAmounts,
  type BudgetAsk,
  type BudgetLimits,
  type Clock,
  type RunState,
} from '@baton/core';

/** Thrown through a handler to leave it: more is wanted than is left. Nothing went wrong. `ask`: what the run asks for; null: it has asked. */
export class OverBudget extends Error {
  constructor(readonly ask: Pick<BudgetAsk, 'scope' | 'over' | 'until'> | null) {
    super('the budget is used up');
  }
}

interface RunBudgetParts {
  state: RunState;
  clock: Pick<Clock, 'now'>;
  /** Where the definition says nothing. */
  configured?: BudgetLimits;
}

/**
 * What the calls in work of a run may still use up. One process holds a run, so what is held here over what its journal says that it has used is
 * all there is: however many of its nodes call at once, together they stay within the limits.
 */
export class RunBudget {
  /** What calls in work are going to use at most, by node and step. */
  private readonly held = new Map<string, Map<string, BudgetAmounts>>();
  private news = Promise.withResolvers<void>();

  constructor(private readonly parts: RunBudgetParts) {}

  /**
   * Holds what a call wants until its step is journaled or its node leaves work. Where others hold what it needs, it waits for what they leave; where
   * not even that could do, it throws. False: there is no budget, and nothing is held.
   * @throws OverBudget; BatonError `budget_exceeded` where the run asks for no more.
   */
  async reserve(nodeId: string, key: string, wanted: BudgetAmounts, signal: AbortSignal): Promise<boolean> {
    if (!this.isLimited) return false;
    for (;;) {
      signal.throwIfAborted();
      if (this.mayCall(wanted)) {
        this.hold(nodeId, key, wanted);
        return true;
      }
      await Promise.race([this.news.promise, aborted(signal)]);
    }
  }

  /** The step is journaled: what it has used stands in the state. */
  settle(nodeId: string, key: string): void {
    if (this.held.get(nodeId)?.delete(key)) this.tell();
  }

  /** The node is not in work any more. */
  release(nodeId: string): void {
    if (this.held.delete(nodeId)) this.tell();
  }

  releaseAll(): void {
    this.held.clear();
    this.tell();
  }

  /** What is done must not stay half undone: an undoing has no budget. */
  private get isLimited(): boolean {
    const { state, configured } = this.parts;
    return state.undoing === null && Object.keys(raisedLimits(state, configured)).length > 0;
  }

  /** False: it may, once others leave what they do not need. */
  private mayCall(wanted: BudgetAmounts): boolean {
    const { state, clock, configured } = this.parts;
    if (state.budget.asking !== null) throw new OverBudget(null);
    const over = runOver(state, wanted, clock.now(), configured);
    if (over.length > 0) throw this.refusal({ scope: 'run', over, until: null });
    const before = [...this.held.values()]
      .flatMap((steps) => [...steps.values()])
      .reduce(addAmounts, usedAmounts(state, clock.now()));
    return overBudget(raisedLimits(state, configured), before, wanted).length === 0;
  }

  private refusal(ask: NonNullable<OverBudget['ask']>): Error {
    if (!failsOverBudget(this.parts.state)) return new OverBudget(ask);
    const { message, details } = budgetExceeded(ask, null);
    return new BatonError('budget_exceeded', message, details, { retryable: false });
  }

  private hold(nodeId: string, key: string, wanted: BudgetAmounts): void {
    const steps = this.held.get(nodeId) ?? new Map<string, BudgetAmounts>();
    steps.set(key, wanted);
    this.held.set(nodeId, steps);
  }

  private tell(): void {
    this.news.resolve();
    this.news = Promise.withResolvers();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
