import {
  RunRetention,
  runAccount,
  type ClearedRuns,
  type CreatedPlace,
  type RemovableRun,
  type RunRemovalOutcome,
  type UnarchivedRun,
} from '@baton/core';
import type { Database, Statement } from './database.js';
import { isAfter } from './keyset.js';
import { SqlRunTally } from './sql-run-tally.js';

/** Of the table `removed_runs`. */
type RemovedRow = Omit<RemovableRun, 'isCounted'>;

interface WeighedRow extends RemovedRow {
  /** Events and lines of its log, at most. */
  readonly weight: number;
}

/** Of the table `runs`. */
interface GoingRow extends RemovedRow {
  readonly counted: number;
}

interface LookedRow extends GoingRow {
  readonly createdAt: number;
  readonly kept: number;
}

/** A run that somebody wants to remove, or one below it. */
interface FamilyRow extends GoingRow {
  readonly finishedAt: number | null;
  readonly lettered: number;
  readonly liveParentId: string | null;
}

const GOING_SELECT = 'runs.id AS runId, runs.tenant_id AS tenantId, runs.task_id AS taskId, runs.counted';
const HAS_LETTER = "EXISTS (SELECT 1 FROM dead_letters WHERE dead_letters.run_id = runs.id AND dead_letters.status = 'open')";
/** Selects runs as {@link FamilyRow}, but for its last column. */
const FAMILY_SELECT = `${GOING_SELECT}, runs.finished_at AS finishedAt, ${HAS_LETTER} AS lettered`;

/** Runs that one statement is about. */
const RUNS_AT_ONCE = 200;

/** Events and lines of logs that one transaction deletes, for which others do not wait. */
const ROWS_AT_ONCE = 2_000;

/** The runs to clear are drawn from so many times as many: replicas rarely draw the same. */
const DRAWN_FROM = 20;

/** Tables whose rows go with their run, found by an index. The blobs that they name are collected once nothing else names them. */
const OF_RUNS = [
  ...[
    'journal',
    'run_logs',
    'signals',
    'approvals',
    'pool_jobs',
    'revisions',
    'run_places',
    'checkpoints',
    'artifacts',
    'blob_references',
  ],
  ...['budget_holds', 'dead_letters', 'lock_history', 'unarchived_runs'],
];

/**
 * {@link RunRetention} on MySQL, MariaDB and SQLite. The row of a run goes first, and with it all ways to the rest, which `removed_runs` remembers
 * until nothing is left.
 */
export class SqlRunRetention extends RunRetention {
  private readonly tally: SqlRunTally;

  constructor(private readonly database: Database) {
    super();
    this.tally = new SqlRunTally(database);
  }

  async nextTenant(after: string): Promise<string | null> {
    const [row] = await this.database.read<{ tenantId: string }>(
      `SELECT tenant_id AS tenantId FROM runs ${this.database.through('ix_runs_created')} WHERE tenant_id > ? ORDER BY tenant_id LIMIT 1`,
      [after],
    );
    return row?.tenantId ?? null;
  }

  /** By when they were created, which is in an index with their tenant: whatever ended before an instant was created before it. */
  async findEnded({
    tenantId,
    before,
    unarchivedSince,
    after,
    limit,
  }: {
    tenantId: string;
    before: number;
    unarchivedSince: number;
    after: CreatedPlace | null;
    limit: number;
  }): Promise<{ runs: RemovableRun[]; next: CreatedPlace | null }> {
    const { createdAt, runId } = after ?? { createdAt: 0, runId: '' };
    const page = await this.database.read<LookedRow>(
      `SELECT ${GOING_SELECT}, runs.created_at AS createdAt,
         (runs.finished_at IS NULL OR runs.finished_at >= ? OR ${HAS_LETTER}
           OR EXISTS (SELECT 1 FROM unarchived_runs WHERE unarchived_runs.run_id = runs.id AND unarchived_runs.at >= ?)
           OR EXISTS (SELECT 1 FROM runs AS parents WHERE parents.id = runs.parent_run_id AND parents.finished_at IS NULL)) AS kept
       FROM runs ${this.database.through('ix_runs_created')}
       WHERE runs.tenant_id = ? AND ${isAfter('runs.created_at', 'runs.id')} AND runs.created_at < ?
       ORDER BY runs.created_at, runs.id LIMIT ?`,
      [before, unarchivedSince, tenantId, createdAt, createdAt, runId, before, limit],
    );
    const last = page.at(-1);
    const next = page.length < limit || last === undefined ? null : { createdAt: last.createdAt, runId: last.runId };
    return { runs: page.filter(({ kept }) => kept === 0).map(removable), next };
  }

  async remove({ tenantId, runId, at }: { tenantId: string; runId: string; at: number }): Promise<RunRemovalOutcome> {
    const [run] = await this.database.read<FamilyRow>(
      `SELECT ${FAMILY_SELECT}, (SELECT parents.id FROM runs AS parents WHERE parents.id = runs.parent_run_id AND parents.finished_at IS NULL) AS liveParentId
       FROM runs WHERE runs.id = ? AND runs.tenant_id = ?`,
      [runId, tenantId],
    );
    if (run === undefined) return { kind: 'missing' };
    if (run.liveParentId !== null) return { kind: 'live', runId: run.liveParentId };
    const family = await this.familyOf(run);
    const live = family.find(({ finishedAt }) => finishedAt === null);
    if (live !== undefined) return { kind: 'live', runId: live.runId };
    const lettered = family.find((one) => one.lettered === 1);
    if (lettered !== undefined) return { kind: 'lettered', runId: lettered.runId };
    const lowestFirst = family.toReversed();
    for (let from = 0; from < lowestFirst.length; from += RUNS_AT_ONCE)
      await this.takeAway(lowestFirst.slice(from, from + RUNS_AT_ONCE).map(removable), at);
    return { kind: 'removed', runs: family.length };
  }

  /** A run, and those below it, each after its parent. */
  private async familyOf(run: FamilyRow): Promise<FamilyRow[]> {
    const family = [run];
    for (let from = 0; from < family.length;) {
      const parents = family.slice(from, from + RUNS_AT_ONCE).map(({ runId }) => runId);
      from += parents.length;
      const children = await this.database.read<FamilyRow>(
        `SELECT ${FAMILY_SELECT}, NULL AS liveParentId FROM runs WHERE runs.parent_run_id IN (${parents.map(() => '?').join(', ')})`,
        parents,
      );
      for (const child of children) family.push(child);
    }
    return family;
  }

  async takeAway(runs: readonly RemovableRun[], at: number): Promise<void> {
    // What no counter has come to yet: it stays in the sums of the analytics.
    const uncounted = runs.filter(({ isCounted }) => !isCounted).map(({ runId }) => runId);
    await this.tally.count(uncounted, 0);
    if (runs.length > 0) await this.database.writeAll(runs.flatMap((run) => removal(run, at)));
  }

  async reportUnarchived({ runId, tenantId, detail, at }: UnarchivedRun): Promise<void> {
    await this.database.write({
      sql: 'REPLACE INTO unarchived_runs (run_id, tenant_id, detail, at) VALUES (?, ?, ?, ?)',
      values: [runId, tenantId, detail, at],
    });
  }

  async findUnarchived({ since, limit }: { since: number; limit: number }): Promise<UnarchivedRun[]> {
    return await this.database.read<UnarchivedRun>(
      `SELECT run_id AS runId, tenant_id AS tenantId, detail, at FROM unarchived_runs
       WHERE at >= ? ORDER BY at DESC, run_id DESC LIMIT ?`,
      [since, limit],
    );
  }

  async clear(before: number, limit: number): Promise<ClearedRuns> {
    const removed = await this.database.read<{ runId: string }>(
      'SELECT run_id AS runId FROM removed_runs WHERE removed_at < ? ORDER BY removed_at LIMIT ?',
      [before, limit * DRAWN_FROM],
    );
    if (removed.length === 0) return { cleared: 0, isMore: false };
    const runs = await this.weigh(drawSome(removed, limit));
    let rows = 0;
    const heavy = runs.findIndex(({ weight }) => (rows += weight) > ROWS_AT_ONCE);
    const light = heavy === -1 ? runs : runs.slice(0, heavy);
    if (light.length > 0) await this.clearWhole(light);
    else if (runs.length > 0) await this.lighten(runs[0]!);
    return { cleared: light.length, isMore: light.length < removed.length };
  }

  /** In the order of their ids, in which all who delete them lock them. */
  private async weigh(runIds: readonly string[]): Promise<WeighedRow[]> {
    const seqOf = (order: string): string =>
      `COALESCE((SELECT seq FROM journal WHERE journal.run_id = removed_runs.run_id ORDER BY seq ${order} LIMIT 1), 0)`;
    const lines = '(SELECT count(*) FROM run_logs WHERE run_logs.run_id = removed_runs.run_id)';
    return await this.database.read<WeighedRow>(
      `SELECT run_id AS runId, tenant_id AS tenantId, task_id AS taskId, ${seqOf('DESC')} - ${seqOf('ASC')} + 1 + ${lines} AS weight
       FROM removed_runs WHERE run_id IN (${placesFor(runIds)}) ORDER BY run_id`,
      runIds,
    );
  }

  private async clearWhole(runs: readonly RemovedRow[]): Promise<void> {
    const runIds = runs.map(({ runId }) => runId);
    const places = placesFor(runIds);
    const tenants = [...new Set(runs.map(({ tenantId }) => tenantId))];
    await this.database.writeAll([
      ...OF_RUNS.map((table) => ({ sql: `DELETE FROM ${table} WHERE run_id IN (${places})`, values: runIds })),
      {
        sql: `DELETE FROM budget_accounts WHERE tenant_id IN (${placesFor(tenants)}) AND account IN (${places})`,
        values: [...tenants, ...runIds.map(runAccount)],
      },
      { sql: `DELETE FROM removed_runs WHERE run_id IN (${places})`, values: runIds },
    ]);
  }

  /** Deletes the first events of a run, and the first lines of its log. */
  private async lighten({ runId }: RemovedRow): Promise<void> {
    const [row] = await this.database.read<{ first: number | null }>('SELECT min(seq) AS first FROM journal WHERE run_id = ?', [
      runId,
    ]);
    await this.database.write({
      sql: 'DELETE FROM journal WHERE run_id = ? AND seq < ?',
      values: [runId, (row!.first ?? 0) + ROWS_AT_ONCE],
    });
    await this.database.write({
      sql: `DELETE FROM run_logs WHERE run_id = ?
            AND id <= (SELECT max(id) FROM (SELECT id FROM run_logs WHERE run_id = ? ORDER BY id LIMIT ?) AS first_lines)`,
      values: [runId, runId, ROWS_AT_ONCE],
    });
  }
}

function removable({ runId, tenantId, taskId, counted }: GoingRow): RemovableRun {
  return { runId, tenantId, taskId, isCounted: counted !== 0 };
}

/** Whoever else removes the same run at once inserts the same row. */
function removal({ runId, tenantId, taskId }: RemovedRow, at: number): Statement[] {
  const forgets =
    taskId === null
      ? []
      : [
          {
            sql: 'UPDATE tasks SET last_run_id = NULL WHERE tenant_id = ? AND id = ? AND last_run_id = ?',
            values: [tenantId, taskId, runId],
          },
        ];
  return [
    {
      sql: 'REPLACE INTO removed_runs (run_id, tenant_id, task_id, removed_at) VALUES (?, ?, ?, ?)',
      values: [runId, tenantId, taskId, at],
    },
    ...forgets,
    { sql: 'DELETE FROM unarchived_runs WHERE run_id = ?', values: [runId] },
    { sql: 'DELETE FROM runs WHERE id = ? AND finished_at IS NOT NULL', values: [runId] },
  ];
}

/** At most so many, by chance. */
function drawSome(removed: readonly { runId: string }[], limit: number): string[] {
  const placed = removed.map(({ runId }) => ({ runId, place: Math.random() }));
  const drawn = placed.sort((one, other) => one.place - other.place).slice(0, limit);
  return drawn.map(({ runId }) => runId);
}

function placesFor(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
