import { UsageStore, type UsageDimension, type UsageQuery, type UsageSum } from '@baton/core';
import type { Database } from './database.js';

const COLUMNS: Record<UsageDimension, string> = {
  ...{ day: 'day', workflow: 'workflow_id', run: 'run_id', node: 'node_id', agent: 'agent', model: 'model' },
};

/** Sums come as text from MySQL, and as null where there is no row. */
type Sum = number | string | null;

interface SumRow extends Partial<Record<string, Sum>> {
  workflowName: string | null;
  calls: Sum;
  prompt: Sum;
  completion: Sum;
  cost: Sum;
}

/** {@link UsageStore} on MySQL, MariaDB and SQLite. */
export class SqlUsageStore extends UsageStore {
  constructor(private readonly database: Database) {
    super();
  }

  async sum({ tenantId, from, to, groupBy, workflowId, runId, agent, model, limit }: UsageQuery): Promise<UsageSum[]> {
    const conditions: [sql: string, value: unknown][] = [
      ['tenant_id = ?', tenantId],
      ['day >= ?', from],
      ['day <= ?', to],
      ['workflow_id = ?', workflowId],
      ['run_id = ?', runId],
      ['agent = ?', agent],
      ['model = ?', model],
    ];
    const stated = conditions.filter(([, value]) => value !== undefined);
    const columns = groupBy.map((dimension) => COLUMNS[dimension]);
    const order = [
      ...(groupBy.includes('day') ? ['day'] : []),
      'cost DESC',
      'sum(prompt_tokens + completion_tokens) DESC',
      ...columns,
    ];
    const rows = await this.database.read<SumRow>(
      `SELECT ${[...columns, ''].join(', ')} max(workflow_name) AS workflowName, sum(model_calls) AS calls, sum(prompt_tokens) AS prompt,
         sum(completion_tokens) AS completion, sum(cost_micros) AS cost
       FROM run_usage WHERE ${stated.map(([sql]) => sql).join(' AND ')}
       ${columns.length === 0 ? '' : `GROUP BY ${columns.join(', ')}`} ORDER BY ${order.join(', ')} LIMIT ?`,
      [...stated.map(([, value]) => value), limit],
    );
    return rows.filter(({ calls }) => calls !== null).map((row) => sumOf(row, groupBy));
  }
}

function sumOf(row: SumRow, groupBy: readonly UsageDimension[]): UsageSum {
  return {
    group: Object.fromEntries(groupBy.map((dimension) => [dimension, String(row[COLUMNS[dimension]])])),
    ...(groupBy.includes('workflow') && { workflowName: row.workflowName! }),
    usage: {
      modelCalls: Number(row.calls),
      promptTokens: Number(row.prompt),
      completionTokens: Number(row.completion),
      costMicros: Number(row.cost),
    },
  };
}
