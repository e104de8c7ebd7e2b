import type { BudgetLedger, Clock } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

interface BudgetSweeperOptions {
  intervalMs: number;
  /** Holds of one pass. */
  batch: number;
  /** After so long without a change the account of a period is removed. */
  keepMs: number;
}

export interface BudgetSweep {
  /** Holds whose step is in the journal. */
  settled: number;
  /** Holds whose step is nowhere, and never will be. */
  released: number;
  /** Accounts that were removed. */
  forgotten: number;
}

/** Ends what processes that are gone have held of budgets, by what the journal says: what stands there was used, all else was not. */
export class BudgetSweeper {
  private readonly loop: ActorLoop;

  constructor(
    private readonly parts: {
      ledger: Pick<BudgetLedger, 'findAbandoned' | 'settle' | 'forget'>;
      clock: Clock;
      observer: Pick<EngineObserver, 'budgetsSwept' | 'trouble'>;
      random: () => number;
    },
    private readonly options: BudgetSweeperOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('budget sweeper', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass. Who else makes one at once finds the same, and each hold ends once. */
  async runOnce(): Promise<BudgetSweep> {
    const { ledger, clock, observer } = this.parts;
    const abandoned = await ledger.findAbandoned(this.options.batch);
    await Promise.all(abandoned.map(({ hold, used }) => ledger.settle(hold, used)));
    const settled = abandoned.filter(({ used }) => used !== null).length;
    const forgotten = await ledger.forget(clock.now() - this.options.keepMs);
    const sweep = { settled, released: abandoned.length - settled, forgotten };
    observer.budgetsSwept(sweep);
    return sweep;
  }
}
