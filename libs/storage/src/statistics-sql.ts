import { BANDS_PER_E, SPAN_MS, STATISTICS_SPANS, type StatisticsQuery, type StatisticsSpan } from '@baton/core';
import type { Database, Statement } from './database.js';

export const COST_SUMS = ['model_calls', 'prompt_tokens', 'completion_tokens', 'cost_micros'] as const;
export const COUNT_SUMS = ['runs', 'total_ms'] as const;

/** A row for each span, to be joined with what counts in each. */
export const SPANS_SQL = `(${STATISTICS_SPANS.map((span) => `SELECT '${span}' AS span, ${SPAN_MS[span]} AS ms`).join(' UNION ALL ')}) AS spans`;

/** How a column of the sums is made of runs that are not in them, with `spanMs` as the length of a slot. */
export function spelling({ dialect }: Database, spanMs: number | string): Readonly<Record<string, string>> {
  // A clock that was behind makes no duration negative.
  const duration = `${dialect === 'sqlite' ? 'MAX' : 'GREATEST'}(0, runs.finished_at - runs.started_at)`;
  const ifCompleted = (value: string, otherwise: string): string =>
    `CASE WHEN runs.status = 'completed' AND runs.started_at IS NOT NULL THEN ${value} ELSE ${otherwise} END`;
  return {
    tenant_id: 'runs.tenant_id',
    slot_at: `runs.finished_at - runs.finished_at % ${spanMs}`,
    workflow_id: 'runs.workflow_id',
    status: 'runs.status',
    band: ifCompleted(`FLOOR(LN(1 + ${duration}) * ${BANDS_PER_E})`, '-1'),
    runs: 'COUNT(*)',
    total_ms: `SUM(${ifCompleted(duration, '0')})`,
    ...Object.fromEntries(COST_SUMS.map((name) => [name, `SUM(used.${name})`])),
  };
}

/** The tables of one kind of sums, and of the runs that are to be added to them. */
export const COUNTED = { sums: COUNT_SUMS, kept: 'run_counts', joined: '' };
export const COSTED = { sums: COST_SUMS, kept: 'run_costs', joined: 'JOIN run_usage AS used ON used.run_id = runs.id' };

/**
 * Reads the sums and the runs that are not in them in one statement, which sees one instant: each run is in one of the two. `countedTo` may have
 * risen meanwhile.
 */
export function selectSums(
  database: Database,
  { sums, kept, joined }: typeof COUNTED | typeof COSTED,
  { tenantId, span, from, to, workflowIds }: StatisticsQuery,
  { columns, countedTo }: { columns: readonly string[]; countedTo: number },
): Statement {
  const spelt = spelling(database, SPAN_MS[span]);
  const ofWorkflows = (column: string): string =>
    workflowIds === undefined ? '' : `AND ${column} IN (${workflowIds.map(() => '?').join(', ')})`;
  const grouped = columns.length === 0 ? '' : `GROUP BY ${columns.map((_, index) => index + 1).join(', ')}`;
  const listed = columns.map((column) => `${column}, `).join('');
  const added = sums.map((name) => `SUM(${name}) AS ${name}`).join(', ');
  return {
    sql: `SELECT ${listed} MAX(workflow_name) AS workflow_name, ${added} FROM (
        SELECT ${listed} MAX(workflow_name) AS workflow_name, ${added} FROM ${kept}
        WHERE tenant_id = ? AND span = ? AND slot_at >= ? AND slot_at < ? ${ofWorkflows('workflow_id')} ${grouped}
        UNION ALL
        SELECT ${columns.map((column) => `${spelt[column] ?? column} AS ${column}, `).join('')} MAX(runs.workflow_name) AS workflow_name,
          ${sums.map((name) => `${spelt[name]} AS ${name}`).join(', ')}
        FROM runs ${database.through('ix_runs_finished')} ${joined}
        WHERE runs.finished_at >= ? AND runs.finished_at < ? AND runs.tenant_id = ? AND runs.counted = 0 ${ofWorkflows('runs.workflow_id')}
        ${grouped}) AS figures ${grouped}`,
    values: [
      ...[tenantId, span satisfies StatisticsSpan, from, to, ...(workflowIds ?? [])],
      ...[Math.max(from, countedTo), to, tenantId, ...(workflowIds ?? [])],
    ],
  };
}
