import { randomUUID } from 'node:crypto';
import {
  addCalls,
  callAmounts,
  NO_AMOUNTS,
  overBudget,
  periodLimits,
  raisedBy,
  ROLES,
  type BudgetAccount,
  type BudgetAmounts,
  type BudgetLedger,
  type CallAmounts,
  type Clock,
  type RunStore,
  type TenantAsk,
  type TenantBudgetStore,
} from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';
import { RecentGrants } from './recent-grants.js';
import type { TenantBudgets } from './tenant-budgets.js';

interface BudgetGranterOptions {
  /** Between passes that grant something; others are further apart. */
  intervalMs: number;
  /** Asks of one page, and pages of one pass: the next pass goes on where this one ended. */
  pageSize: number;
  pages: number;
}

export interface BudgetGrants {
  /** Asks that it saw, and those that it has answered. */
  asks: number;
  granted: number;
}

/** In whose name it decides. */
const GRANTER = 'baton';

/** As many intervals lie at most between passes that grant nothing, where somebody asks and where nobody does. */
const WIDEST_ASKED = 2;
const WIDEST_UNASKED = 5;

/**
 * Lets runs go on that wait for the budget of their tenant, once that has room for what they want: it was raised or taken away, or somebody has
 * granted more to another run. It goes by what stands in SQL, so nothing has to be told to it, and answers each ask as a person would, once. What it
 * remembers only spares runs a wakeup: the ledger decides on each call, whoever lets runs go on.
 */
export class BudgetGranter {
  private readonly loop: ActorLoop;
  private readonly recent: RecentGrants;
  private after = '';
  private intervalMs: number;

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'decide'>;
      store: Pick<TenantBudgetStore, 'findAsks'>;
      tenants: Pick<TenantBudgets, 'refresh'>;
      ledger: Pick<BudgetLedger, 'find' | 'open'>;
      clock: Clock;
      observer: Pick<EngineObserver, 'budgetsGranted' | 'trouble'>;
      random: () => number;
    },
    private readonly options: BudgetGranterOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('budget granter', pass, parts, () => this.intervalMs);
    this.recent = new RecentGrants(parts.clock);
    this.intervalMs = options.intervalMs;
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass. Who else makes one at once finds the same, and each ask is answered once. */
  async runOnce(): Promise<BudgetGrants> {
    const { pageSize: limit, pages } = this.options;
    const rooms = new Map<string, TenantRoom>();
    const unseen = this.recent.amounts();
    const grants = { asks: 0, granted: 0 };
    for (let page = 0; page < pages && !this.loop.isStopping; page += 1) {
      const { asks, next } = await this.parts.store.findAsks({ after: this.after, limit });
      const fitting: TenantAsk[] = [];
      for (const ask of asks) {
        if (this.recent.isLeftAlone(ask.runId)) continue;
        const room = rooms.get(ask.tenantId) ?? (await this.roomOf(ask.tenantId, unseen.get(ask.tenantId)));
        rooms.set(ask.tenantId, room);
        if (room.take(ask.wanted)) fitting.push(ask);
      }
      for (const ask of fitting) this.recent.add(ask);
      const answered = await Promise.all(fitting.map((ask) => this.grant(ask)));
      grants.asks += asks.length;
      grants.granted += answered.filter(Boolean).length;
      this.after = next ?? '';
      if (next === null) break;
    }
    this.parts.observer.budgetsGranted(grants);
    const { intervalMs } = this.options;
    const widestMs = intervalMs * (grants.asks > 0 ? WIDEST_ASKED : WIDEST_UNASKED);
    this.intervalMs = grants.granted > 0 ? intervalMs : Math.min(this.intervalMs * 2, widestMs);
    return grants;
  }

  /** @param unseen what was granted so lately that the ledger may not show it */
  private async roomOf(tenantId: string, unseen: CallAmounts = NO_AMOUNTS): Promise<TenantRoom> {
    const periods = periodLimits(await this.parts.tenants.refresh(tenantId), this.parts.clock.now());
    const accounts = await this.accountsOf(
      tenantId,
      periods.map(({ account }) => account),
    );
    return new TenantRoom(
      periods.map(({ account, limits }) => {
        const { used = NO_AMOUNTS, held = NO_AMOUNTS, granted = {} } = accounts.find((one) => one.account === account) ?? {};
        return { limits: raisedBy(limits, granted), taken: addCalls(addCalls(used, held), unseen) };
      }),
    );
  }

  /** Opens those that nobody has called on yet: what was used of them before they were limited counts. */
  private async accountsOf(tenantId: string, names: readonly string[]): Promise<BudgetAccount[]> {
    const { ledger } = this.parts;
    const accounts = await ledger.find(tenantId, names);
    const missing = names.filter((name) => !accounts.some(({ account }) => account === name));
    if (missing.length === 0) return accounts;
    await ledger.open(tenantId, missing);
    return [...accounts, ...(await ledger.find(tenantId, missing))];
  }

  /** Grants nothing beyond the limit, which has room: the run asks for its calls again. False: somebody else has answered. */
  private async grant({ runId, nodeId, visit }: TenantAsk): Promise<boolean> {
    const outcome = await this.parts.runs.decide({
      ...{ runId, nodeId, visit, decision: 'approve', token: randomUUID(), by: GRANTER, roles: ROLES, link: null },
      ...{ comment: 'The budget of the tenant has room for it.', payload: {}, at: this.parts.clock.now() },
    });
    return outcome.kind === 'decided';
  }
}

/** What the periods of a tenant have left. Who is let go on takes of it what it wants, so that no more go on at once than can. */
class TenantRoom {
  constructor(private readonly shares: { readonly limits: BudgetAmounts; taken: CallAmounts }[]) {}

  take(wanted: BudgetAmounts): boolean {
    if (this.shares.some(({ limits, taken }) => overBudget(limits, taken, wanted).length > 0)) return false;
    for (const share of this.shares) share.taken = addCalls(share.taken, callAmounts(wanted));
    return true;
  }
}
