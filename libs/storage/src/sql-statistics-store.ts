import {
  readUsage,
  StatisticsStore,
  type CostDimension,
  type CostSum,
  type CountDimension,
  type RunCount,
  type RunStatus,
  type StatisticsQuery,
  type TerminalRunStatus,
} from '@baton/core';
import type { Database, Statement } from './database.js';
import { SqlRunTally } from './sql-run-tally.js';
import { COSTED, COUNTED, selectSums, type COST_SUMS, type COUNT_SUMS } from './statistics-sql.js';

type Dimension = CountDimension | CostDimension;
const COLUMNS: Record<Dimension, string> = {
  ...{ slot: 'slot_at', workflow: 'workflow_id', band: 'band', agent: 'agent', model: 'model' },
};
const LIVE = "('queued', 'running', 'waiting', 'paused', 'compensating')";

/** What it is grouped by; numbers come as text from MySQL where they are sums. */
interface GroupRow {
  slot_at: number;
  workflow_id: string;
  workflow_name: string;
  band: number;
  status: TerminalRunStatus;
  agent: string;
  model: string;
}
type CountRow = GroupRow & Record<(typeof COUNT_SUMS)[number], number | string>;
/** The sums are null where nothing is told apart, and there is nothing. */
type CostRow = GroupRow & Record<(typeof COST_SUMS)[number], number | string | null>;

/** {@link StatisticsStore} on MySQL, MariaDB and SQLite. */
export class SqlStatisticsStore extends StatisticsStore {
  private readonly tally: SqlRunTally;

  constructor(private readonly database: Database) {
    super();
    this.tally = new SqlRunTally(database);
  }

  async counts(query: Parameters<StatisticsStore['counts']>[0]): Promise<RunCount[]> {
    const columns = [...query.groupBy.map((dimension) => COLUMNS[dimension]), 'status'];
    const { sql, values } = await this.select(COUNTED, query, columns);
    const rows = await this.database.read<CountRow>(`${sql} ORDER BY ${columns.join(', ')}`, values);
    return rows.map((row) => ({
      ...groupOf(row, query.groupBy),
      ...{ status: row.status, runs: Number(row.runs), totalMs: Number(row.total_ms) },
    }));
  }

  async busiest(query: Parameters<StatisticsStore['busiest']>[0]): Promise<string[]> {
    const { sql, values } = await this.select(COUNTED, query, ['workflow_id']);
    const rows = await this.database.read<CountRow>(`${sql} ORDER BY SUM(figures.runs) DESC, workflow_id LIMIT ?`, [
      ...values,
      query.limit,
    ]);
    return rows.map((row) => row.workflow_id);
  }

  async costs(query: Parameters<StatisticsStore['costs']>[0]): Promise<CostSum[]> {
    const columns = query.groupBy.map((dimension) => COLUMNS[dimension]);
    const { sql, values } = await this.select(COSTED, query, columns);
    const tokens = 'SUM(figures.prompt_tokens + figures.completion_tokens)';
    const dearest = ['SUM(figures.cost_micros) DESC', `${tokens} DESC`, ...columns];
    const order = query.groupBy.includes('slot') ? ['slot_at', ...dearest] : dearest;
    const rows = await this.database.read<CostRow>(`${sql} ORDER BY ${order.join(', ')} LIMIT ?`, [...values, query.limit]);
    return rows
      .filter(({ model_calls }) => model_calls !== null)
      .map((row) => ({ ...groupOf(row, query.groupBy), usage: usageOf(row) }));
  }

  async live(tenantId: string, workflowId?: string): Promise<Partial<Record<RunStatus, number>>> {
    const [ofWorkflow, values] = workflowId === undefined ? ['', []] : ['AND workflow_id = ?', [workflowId]];
    const rows = await this.database.read<{ status: RunStatus; n: number }>(
      `SELECT status, COUNT(*) AS n FROM runs ${this.database.through('ix_runs_status')}
       WHERE status IN ${LIVE} AND tenant_id = ? ${ofWorkflow} GROUP BY status`,
      [tenantId, ...values],
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
  }

  private async select(
    source: typeof COUNTED | typeof COSTED,
    query: StatisticsQuery,
    columns: readonly string[],
  ): Promise<Statement> {
    return selectSums(this.database, source, query, { columns, countedTo: await this.tally.countedTo() });
  }
}

function groupOf(row: GroupRow, groupBy: readonly Dimension[]): Omit<CostSum, 'usage'> & { band?: number } {
  const told = new Set(groupBy);
  return {
    ...(told.has('slot') && { slotAt: row.slot_at }),
    ...(told.has('workflow') && { workflow: { id: row.workflow_id, name: row.workflow_name } }),
    ...(told.has('band') && { band: row.band }),
    ...(told.has('agent') && { agent: row.agent }),
    ...(told.has('model') && { model: row.model }),
  };
}

function usageOf({ model_calls, prompt_tokens, completion_tokens, cost_micros }: CostRow): CostSum['usage'] {
  return readUsage({
    model_calls: Number(model_calls),
    prompt_tokens: Number(prompt_tokens),
    completion_tokens: Number(completion_tokens),
    cost_micros: Number(cost_micros),
  });
}
