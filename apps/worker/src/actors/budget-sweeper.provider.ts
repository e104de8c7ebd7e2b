import type { Provider } from '@nestjs/common';
import { BudgetLedger, Clock } from '@baton/core';
import { BudgetSweeper, type EngineObserver } from '@baton/engine';
import { ENGINE_OBSERVER } from '@baton/platform';

const DAY_MS = 86_400_000;
/** Of a month that has ended nobody asks what was used, but its sums stay. */
const OPTIONS = { intervalMs: 5_000, batch: 200, keepMs: 100 * DAY_MS };

/** Ends what dead workers have held of budgets. */
export const budgetSweeper: Provider = {
  provide: BudgetSweeper,
  inject: [BudgetLedger, Clock, ENGINE_OBSERVER],
  useFactory: (ledger: BudgetLedger, clock: Clock, observer: EngineObserver) =>
    new BudgetSweeper({ ledger, clock, observer, random: Math.random }, OPTIONS),
};
