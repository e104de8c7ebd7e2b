import { RunAudit, type AuditFinding, type RunOutline, type RunStatus, type TaskStatus } from '@baton/core';
import type { Database } from './database.js';

interface OutlineRow {
  runId: string;
  tenantId: string;
  status: RunStatus;
  seq: number;
  epoch: number;
  taskStatus: TaskStatus | null;
  liveRunId: string | null;
  lastRunId: string | null;
  eventSeq: number | null;
  eventEpoch: number;
  type: string;
}

/** {@link RunAudit} on MySQL, MariaDB and SQLite. */
export class SqlRunAudit extends RunAudit {
  constructor(private readonly database: Database) {
    super();
  }

  async endedRuns({ after, until, limit }: Parameters<RunAudit['endedRuns']>[0]): ReturnType<RunAudit['endedRuns']> {
    return await this.database.read(
      `SELECT finished_at AS finishedAt, id AS runId FROM runs
       WHERE finished_at >= ? AND finished_at <= ? AND (finished_at > ? OR id > ?) ORDER BY finished_at, wake_at, id LIMIT ?`,
      [after.finishedAt, until, after.finishedAt, after.runId, limit],
    );
  }

  async runningRuns({ after, limit }: { after: string; limit: number }): Promise<string[]> {
    const rows = await this.database.read<{ id: string }>(
      "SELECT id FROM runs WHERE status IN ('running', 'compensating') AND id > ? ORDER BY id LIMIT ?",
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** One statement: what it reads is one instant, on either database. */
  async outline(runIds: readonly string[], maxEvents: number): Promise<RunOutline[]> {
    if (runIds.length === 0) return [];
    const rows = await this.database.read<OutlineRow>(
      `SELECT runs.id AS runId, runs.tenant_id AS tenantId, runs.status, runs.seq, runs.epoch, tasks.status AS taskStatus,
         tasks.live_run_id AS liveRunId, tasks.last_run_id AS lastRunId,
         journal.seq AS eventSeq, journal.epoch AS eventEpoch, journal.type
       FROM runs LEFT JOIN tasks ON tasks.tenant_id = runs.tenant_id AND tasks.id = runs.task_id
         LEFT JOIN journal ON journal.run_id = runs.id AND journal.seq > runs.seq - ?
       WHERE runs.id IN (${runIds.map(() => '?').join(', ')}) ORDER BY runs.id, journal.seq`,
      [maxEvents, ...runIds],
    );
    return [...Map.groupBy(rows, ({ runId }) => runId).values()].map(outlineOf);
  }

  async report({ runId, tenantId, kind, detail, foundAt }: AuditFinding): Promise<boolean> {
    const insert = this.database.dialect === 'sqlite' ? 'INSERT OR IGNORE' : 'INSERT IGNORE';
    const inserted = await this.database.write({
      sql: `${insert} INTO audit_findings (run_id, kind, tenant_id, detail, found_at) VALUES (?, ?, ?, ?, ?)`,
      values: [runId, kind, tenantId, detail, foundAt],
    });
    return inserted === 1;
  }

  async findings({ since, limit }: { since: number; limit: number }): Promise<AuditFinding[]> {
    return await this.database.read<AuditFinding>(
      `SELECT run_id AS runId, tenant_id AS tenantId, kind, detail, found_at AS foundAt FROM audit_findings
       WHERE found_at >= ? ORDER BY found_at DESC, run_id, kind LIMIT ?`,
      [since, limit],
    );
  }
}

function outlineOf(rows: readonly OutlineRow[]): RunOutline {
  const { runId, tenantId, status, seq, epoch, taskStatus, liveRunId, lastRunId } = rows[0]!;
  return {
    ...{ runId, tenantId, status, seq, epoch },
    task: taskStatus === null ? null : { status: taskStatus, liveRunId, lastRunId },
    events: rows.flatMap(({ eventSeq, eventEpoch, type }) =>
      eventSeq === null ? [] : [{ seq: eventSeq, epoch: eventEpoch, type }],
    ),
  };
}
