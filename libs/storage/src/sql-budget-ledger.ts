import {
  BudgetLedger,
  callAmounts,
  LedgerBook,
  type AbandonedHold,
  type AccountTerms,
  type BudgetAccount,
  type BudgetHold,
  type CallAmounts,
  type Clock,
  type ReserveOutcome,
} from '@baton/core';
import {
  ACCOUNT_COLUMNS,
  ACCOUNT_SELECT,
  accountOf,
  accountValues,
  HOLD_AMOUNTS,
  HOLD_COLUMNS,
  HOLD_SELECT,
  holdOf,
  holdValues,
  openAccount,
  type AccountRow,
  type HoldRow,
} from './budget-rows.js';
import { journaledUse } from './budget-truth.js';
import type { Database, Statement } from './database.js';

type Request =
  | { kind: 'reserve'; hold: BudgetHold; terms: readonly AccountTerms[] }
  | { kind: 'settle'; hold: BudgetHold; used: CallAmounts | null };
type Waiting = Request & { resolve: (outcome: ReserveOutcome) => void; reject: (error: unknown) => void };

/** Requests of one transaction. */
const AT_ONCE = 200;
/** Accounts that are remembered to be open, and those that are removed at a time. */
const ACCOUNTS_KNOWN = 10_000;
const FORGOTTEN_AT_ONCE = 500;

const HELD: ReserveOutcome = { kind: 'held' };

/**
 * {@link BudgetLedger} on MySQL, MariaDB and SQLite. What a process asks while one transaction is under way shares the next one, in its order; a
 * transaction locks the rows of its accounts in the order of their key, and decides on them.
 */
export class SqlBudgetLedger extends BudgetLedger {
  private waiting: Waiting[] = [];
  private working = false;
  /** Accounts whose row is there. */
  private readonly known = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  reserve(hold: BudgetHold, terms: readonly AccountTerms[]): Promise<ReserveOutcome> {
    return this.request({ kind: 'reserve', hold, terms });
  }

  async settle(hold: BudgetHold, used: CallAmounts | null): Promise<void> {
    await this.request({ kind: 'settle', hold, used });
  }

  async open(tenantId: string, accounts: readonly string[]): Promise<void> {
    const { database, clock } = this;
    for (const account of accounts) await database.write(openAccount(database.dialect, tenantId, account, clock.now()));
  }

  async find(tenantId: string, accounts: readonly string[]): Promise<BudgetAccount[]> {
    if (accounts.length === 0) return [];
    const rows = await this.database.read<AccountRow>(
      `SELECT ${ACCOUNT_SELECT} FROM budget_accounts WHERE tenant_id = ? AND account IN (${accounts.map(() => '?').join(', ')})`,
      [tenantId, ...accounts],
    );
    return rows.map(accountOf);
  }

  async findAbandoned(limit: number): Promise<AbandonedHold[]> {
    const rows = await this.database.read<HoldRow>(
      `SELECT ${HOLD_SELECT} FROM budget_holds AS holds
       LEFT JOIN runs ON runs.id = holds.run_id LEFT JOIN pool_jobs ON pool_jobs.id = holds.job_id
       WHERE (holds.job_id IS NULL AND (runs.id IS NULL OR runs.epoch <> holds.epoch OR runs.finished_at IS NOT NULL
                OR (runs.worker_id IS NULL AND runs.status IN ('waiting', 'paused'))))
          OR (holds.job_id IS NOT NULL AND (pool_jobs.id IS NULL OR pool_jobs.token IS NULL OR pool_jobs.token <> holds.token))
       ORDER BY holds.id LIMIT ?`,
      [limit],
    );
    return await Promise.all(rows.map(holdOf).map(async (hold) => ({ hold, used: await journaledUse(this.database, hold) })));
  }

  async forget(before: number): Promise<number> {
    const stale = await this.database.read<{ tenantId: string; account: string }>(
      `SELECT tenant_id AS tenantId, account FROM budget_accounts ${this.database.through('ix_budget_accounts_changed')}
       WHERE changed_at < ? AND account NOT LIKE 'run %' ORDER BY changed_at LIMIT ?`,
      [before, FORGOTTEN_AT_ONCE],
    );
    const removals = stale.map(({ tenantId, account }) => ({
      sql: 'DELETE FROM budget_accounts WHERE tenant_id = ? AND account = ? AND changed_at < ?',
      values: [tenantId, account, before],
    }));
    if (removals.length === 0) return 0;
    const removed = await this.database.writeAll(removals);
    return removed.reduce((sum, rows) => sum + rows, 0);
  }

  private request(request: Request): Promise<ReserveOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...request, resolve, reject });
      if (!this.working) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, atOnce(this.waiting));
      try {
        const outcomes = await this.execute(batch);
        batch.forEach(({ resolve }, place) => resolve(outcomes[place]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.working = false;
  }

  private async execute(batch: readonly Request[]): Promise<ReserveOutcome[]> {
    const keys = accountsOf(batch);
    for (;;) {
      for (const { tenantId, account } of keys) await this.openOnce(tenantId, account);
      const outcomes = await this.database.transact(this.reads(batch, keys), ([accounts, holds]) =>
        this.decide(batch, keys, accounts as unknown as AccountRow[], holds as unknown as HoldRow[]),
      );
      if (outcomes !== null) return outcomes;
      this.known.clear();
    }
  }

  /** A row that is new begins with what the journal says was used. */
  private async openOnce(tenantId: string, account: string): Promise<void> {
    const key = `${tenantId}\n${account}`;
    if (this.known.has(key)) return;
    await this.open(tenantId, [account]);
    if (this.known.size >= ACCOUNTS_KNOWN) this.known.clear();
    this.known.add(key);
  }

  private reads(batch: readonly Request[], keys: readonly AccountKey[]): Statement[] {
    const { dialect, forUpdate } = this.database;
    const byKey = dialect === 'sqlite' ? '' : 'FORCE INDEX (PRIMARY)';
    const ids = [...new Set(batch.map(({ hold }) => hold.id))].toSorted();
    return [
      {
        sql: `SELECT ${ACCOUNT_SELECT} FROM budget_accounts ${byKey}
              WHERE ${keys.map(() => '(tenant_id = ? AND account = ?)').join(' OR ')} ORDER BY tenant_id, account ${forUpdate}`,
        values: keys.flatMap(({ tenantId, account }) => [tenantId, account]),
      },
      { sql: `SELECT id, ${HOLD_AMOUNTS} FROM budget_holds WHERE id IN (${ids.map(() => '?').join(', ')})`, values: ids },
    ];
  }

  /** Null: an account was removed that was thought to be open. */
  private decide(
    batch: readonly Request[],
    keys: readonly AccountKey[],
    accounts: readonly AccountRow[],
    holds: readonly HoldRow[],
  ) {
    if (accounts.length < keys.length) return { writes: [], result: null };
    const standing = holds.map((row): [string, CallAmounts] => [row.id, callAmounts(row)]);
    const book = new LedgerBook(accounts.map(accountOf), standing);
    const result = batch.map((request): ReserveOutcome => {
      if (request.kind === 'reserve') return book.reserve(request.hold, request.terms);
      book.settle(request.hold, request.used);
      return HELD;
    });
    return { writes: this.writes(book), result };
  }

  private writes({ changed, opened, closed }: LedgerBook): Statement[] {
    const now = this.clock.now();
    const rows = (table: string, columns: readonly string[], values: readonly unknown[][]): Statement[] =>
      values.length === 0
        ? []
        : [
            {
              sql: `REPLACE INTO ${table} (${columns.join(', ')}) VALUES ${values
                .map(() => `(${columns.map(() => '?').join(', ')})`)
                .join(', ')}`,
              values: values.flat(),
            },
          ];
    const gone = [...closed].toSorted();
    return [
      ...rows(
        'budget_accounts',
        ACCOUNT_COLUMNS,
        changed.map((account) => accountValues(account, now)),
      ),
      ...rows('budget_holds', HOLD_COLUMNS, [...opened.values()].map(holdValues)),
      ...(gone.length === 0
        ? []
        : [{ sql: `DELETE FROM budget_holds WHERE id IN (${gone.map(() => '?').join(', ')})`, values: gone }]),
    ];
  }
}

/**
 * How many of these share a transaction: one of each hold. A transaction whose reply is lost is done again, and would end a hold anew that it has
 * itself opened anew, or has opened at all.
 */
function atOnce(waiting: readonly Request[]): number {
  const ids = new Set<string>();
  for (const { hold } of waiting) {
    if (ids.size === AT_ONCE || ids.has(hold.id)) break;
    ids.add(hold.id);
  }
  return ids.size;
}

interface AccountKey {
  readonly tenantId: string;
  readonly account: string;
}

/** All that a batch touches, each once. */
function accountsOf(batch: readonly Request[]): AccountKey[] {
  const keys = batch.flatMap(({ hold: { tenantId, accounts } }) => accounts.map((account) => ({ tenantId, account })));
  return [...new Map(keys.map((key) => [`${key.tenantId}\n${key.account}`, key])).values()];
}
