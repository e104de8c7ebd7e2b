import {
  DeadLetterStore,
  type DeadLetter,
  type DeadLetterQuery,
  type DeadLetterResolution,
  type ErrorInfo,
  type WorkflowRef,
} from '@baton/core';
import type { Database } from './database.js';
import { isBefore } from './keyset.js';

type LetterRow = Omit<DeadLetter, 'workflow' | 'error'> & {
  error: string;
  workflowId: string;
  workflowName: string;
  workflowVersion: number;
  workflowDigest: string;
};

const COLUMNS = `letters.run_id AS runId, letters.tenant_id AS tenantId, letters.kind, letters.node_id AS nodeId,
  letters.node_type AS nodeType, letters.error, letters.attempts, letters.failed_nodes AS failedNodes, letters.at, letters.status,
  letters.replay_run_id AS replayRunId, letters.resolved_at AS resolvedAt, letters.resolved_by AS resolvedBy, runs.task_id AS taskId,
  runs.workflow_id AS workflowId, runs.workflow_name AS workflowName, runs.workflow_version AS workflowVersion,
  runs.workflow_digest AS workflowDigest`;
const SELECT = `SELECT ${COLUMNS} FROM dead_letters AS letters JOIN runs ON runs.id = letters.run_id`;

/** {@link DeadLetterStore} on MySQL, MariaDB and SQLite. */
export class SqlDeadLetterStore extends DeadLetterStore {
  constructor(private readonly database: Database) {
    super();
  }

  async list({ tenantId, status, workflowId, code, nodeType, from, to, before, limit }: DeadLetterQuery): Promise<DeadLetter[]> {
    const conditions: [sql: string, value: unknown][] = [
      ['letters.tenant_id = ?', tenantId],
      ['letters.status = ?', status],
      ['runs.workflow_id = ?', workflowId],
      ['letters.code = ?', code],
      ['letters.node_type = ?', nodeType],
      ['letters.at >= ?', from],
      ['letters.at < ?', to],
    ];
    const stated = conditions.filter(([, value]) => value !== undefined);
    const where = stated.map(([sql]) => sql);
    const values = stated.map(([, value]) => value);
    if (before !== undefined) {
      where.push(isBefore('letters.at', 'letters.run_id'));
      values.push(before.at, before.at, before.runId);
    }
    const rows = await this.database.read<LetterRow>(
      `SELECT ${COLUMNS} FROM dead_letters AS letters ${this.database.through('ix_dead_letters_status')} JOIN runs ON runs.id = letters.run_id
       WHERE ${where.join(' AND ')} ORDER BY letters.at DESC, letters.run_id DESC LIMIT ?`,
      [...values, limit],
    );
    return rows.map(letterOf);
  }

  async find(tenantId: string, runId: string): Promise<DeadLetter | null> {
    const [row] = await this.database.read<LetterRow>(`${SELECT} WHERE letters.run_id = ? AND letters.tenant_id = ?`, [
      runId,
      tenantId,
    ]);
    return row === undefined ? null : letterOf(row);
  }

  async resolve(tenantId: string, runId: string, resolution: DeadLetterResolution): Promise<DeadLetter | null> {
    const replayRunId = resolution.status === 'replayed' ? resolution.replayRunId : null;
    await this.database.write({
      sql: `UPDATE dead_letters SET status = ?, replay_run_id = ?, resolved_at = ?, resolved_by = ?
            WHERE run_id = ? AND tenant_id = ? AND status = 'open'`,
      values: [resolution.status, replayRunId, resolution.at, resolution.by, runId, tenantId],
    });
    return this.find(tenantId, runId);
  }

  async countOpen(atMost: number): Promise<number> {
    const [row] = await this.database.read<{ n: number }>(
      "SELECT COUNT(*) AS n FROM (SELECT 1 FROM dead_letters WHERE status = 'open' LIMIT ?) AS opened",
      [atMost],
    );
    return row!.n;
  }

  async listOpen({ offset, limit }: { offset: number; limit: number }): Promise<DeadLetter[]> {
    const rows = await this.database.read<LetterRow>(
      `${SELECT} WHERE letters.status = 'open' ORDER BY letters.at DESC, letters.run_id DESC LIMIT ? OFFSET ?`,
      [limit, offset],
    );
    return rows.map(letterOf);
  }
}

function letterOf({
  error,
  workflowId: id,
  workflowName: name,
  workflowVersion: version,
  workflowDigest,
  ...row
}: LetterRow): DeadLetter {
  const workflow: WorkflowRef = { id, name, version, digest: workflowDigest };
  return { ...row, workflow, error: JSON.parse(error) as ErrorInfo };
}
