import { randomUUID } from 'node:crypto';
import {
  addCalls,
  callAmounts,
  NO_AMOUNTS,
  overBudget,
  periodLimits,
  raisedBy,
  ROLES,
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
import type { TenantBudgets } from './tenant-budgets.js';

interface BudgetGranterOptions {
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

/**
 * Lets runs go on that wait for the budget of their tenant, once that has room for what they want: it was raised or taken away, or somebody has
 * granted more to another run. It goes by what stands in SQL, so nothing has to be told to it, and answers each ask as a person would, once.
 */
export class BudgetGranter {
  private readonly loop: ActorLoop;
  private after = '';

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'decide'>;
      store: Pick<TenantBudgetStore, 'findAsks'>;
      tenants: Pick<TenantBudgets, 'refresh'>;
      ledger: Pick<BudgetLedger, 'find'>;
      clock: Clock;
      observer: Pick<EngineObserver, 'budgetsGranted' | 'trouble'>;
      random: () => number;
    },
    private readonly options: BudgetGranterOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('budget granter', pass, parts, options.intervalMs);
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
    const grants = { asks: 0, granted: 0 };
    for (let page = 0; page < pages && !this.loop.isStopping; page += 1) {
      const { asks, next } = await this.parts.store.findAsks({ after: this.after, limit });
      const fitting: TenantAsk[] = [];
      for (const ask of asks) if ((await this.roomOf(ask.tenantId, rooms)).take(ask.wanted)) fitting.push(ask);
      const answered = await Promise.all(fitting.map((ask) => this.grant(ask)));
      grants.asks += asks.length;
      grants.granted += answered.filter(Boolean).length;
      this.after = next ?? '';
      if (next === null) break;
    }
    this.parts.observer.budgetsGranted(grants);
    return grants;
  }

  private async roomOf(tenantId: string, rooms: Map<string, TenantRoom>): Promise<TenantRoom> {
    const known = rooms.get(tenantId);
    if (known !== undefined) return known;
    const { tenants, ledger, clock } = this.parts;
    const periods = periodLimits(await tenants.refresh(tenantId), clock.now());
    const accounts = await ledger.find(
      tenantId,
      periods.map(({ account }) => account),
    );
    const shares = periods.map(({ account, limits }) => {
      const { used = NO_AMOUNTS, held = NO_AMOUNTS, granted = {} } = accounts.find((one) => one.account === account) ?? {};
      return { limits: raisedBy(limits, granted), taken: addCalls(used, held) };
    });
    const room = new TenantRoom(shares);
    rooms.set(tenantId, room);
    return room;
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
