import type { SelectQueryBuilder } from 'typeorm';
import {
  TaskStore,
  type CreateTaskOutcome,
  type JournalEvent,
  type JsonValue,
  type LockRecord,
  type NewTask,
  type Task,
  type TaskFilter,
} from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { JOURNAL_SELECT, journalEventOf } from './journal/journal-rows.js';
import type { JournalRow } from './journal/run-head.js';
import { isBefore } from './keyset.js';
import { TaskTable, type TaskRow } from './schema.js';

const TASK_SELECT = `tenant_id AS tenantId, id, title, description, input, status, live_run_id AS liveRunId, last_run_id AS lastRunId,
  idempotency_key AS idempotencyKey, request_digest AS requestDigest, created_at AS createdAt, updated_at AS updatedAt`;

/** Events of one run: after the one seq, up to the other. */
interface JournalRange {
  id: string;
  after: number;
  last: number;
}

/** {@link TaskStore} on MySQL, MariaDB and SQLite. */
export class SqlTaskStore extends TaskStore {
  constructor(private readonly database: Database) {
    super();
  }

  /** A task that is there already under the same id counts as replayed: the id is the caller's. */
  async create(task: NewTask): Promise<CreateTaskOutcome> {
    const row = rowOf(task);
    try {
      await this.database.insert(TaskTable, [row]);
      return { kind: 'created', task: taskOf(row) };
    } catch (error) {
      if (failureKind(error) !== 'duplicate') throw error;
      const earlier = await this.findEarlier(task);
      if (earlier === null) throw error;
      const other = task.idempotency !== null && earlier.requestDigest !== task.idempotency.requestDigest;
      return other ? { kind: 'key_reused', taskId: earlier.id } : { kind: 'replayed', task: taskOf(earlier) };
    }
  }

  async find(tenantId: string, taskId: string): Promise<Task | null> {
    const row = await this.findRow(tenantId, taskId);
    return row === null ? null : taskOf(row);
  }

  async list(
    tenantId: string,
    page: { before?: { createdAt: number; id: string }; limit: number; filter?: TaskFilter },
  ): Promise<Task[]> {
    const { before, limit, filter: { status, titlePrefix } = {} } = page;
    const where = ['tenant_id = ?'];
    const values: unknown[] = [tenantId];
    if (status !== undefined) {
      where.push('status = ?');
      values.push(status);
    }
    if (titlePrefix !== undefined) {
      // Not LIKE, which on SQLite does not tell letter cases apart.
      where.push('SUBSTR(title, 1, ?) = ?');
      values.push(Array.from(titlePrefix).length, titlePrefix);
    }
    if (before !== undefined) {
      where.push(isBefore('created_at', 'id'));
      values.push(before.createdAt, before.createdAt, before.id);
    }
    const rows = await this.database.read<TaskRow>(
      `SELECT ${TASK_SELECT} FROM tasks ${this.database.through(status === undefined ? 'ix_tasks_created' : 'ix_tasks_status')}
       WHERE ${where.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
      [...values, limit],
    );
    return rows.map(taskOf);
  }

  async activities(
    tenantId: string,
    taskId: string,
    page: { afterRunId?: string; afterSeq?: number; limit: number },
  ): Promise<JournalEvent[]> {
    const { afterRunId, afterSeq = 0, limit } = page;
    const runs = await this.runsFrom(tenantId, taskId, afterRunId, limit);
    const ranges: JournalRange[] = [];
    for (let wanted = limit; wanted > 0 && runs.length > 0;) {
      const { id, seq } = runs.shift()!;
      const after = id === afterRunId ? afterSeq : 0;
      const last = Math.min(seq, after + wanted);
      if (last > after) ranges.push({ id, after, last });
      wanted -= Math.max(0, last - after);
    }
    return this.readRanges(ranges);
  }

  /** Of a task, the oldest first, from the given one on: each has an event at least. */
  private async runsFrom(
    tenantId: string,
    taskId: string,
    from: string | undefined,
    limit: number,
  ): Promise<{ id: string; seq: number }[]> {
    const [first] =
      from === undefined
        ? []
        : await this.database.read<{ createdAt: number }>('SELECT created_at AS createdAt FROM runs WHERE id = ?', [from]);
    if (from !== undefined && first === undefined) return [];
    const place = first === undefined ? '' : 'AND created_at >= ? AND (created_at > ? OR id >= ?)';
    const values = first === undefined ? [] : [first.createdAt, first.createdAt, from];
    return await this.database.read(
      `SELECT id, seq FROM runs ${this.database.through('ix_runs_task')} WHERE tenant_id = ? AND task_id = ? ${place}
       ORDER BY created_at, id LIMIT ?`,
      [tenantId, taskId, ...values, limit + 1],
    );
  }

  private async readRanges(ranges: readonly JournalRange[]): Promise<JournalEvent[]> {
    if (ranges.length === 0) return [];
    const rows = await this.database.read<JournalRow>(
      `SELECT ${JOURNAL_SELECT} FROM journal WHERE ${ranges.map(() => '(run_id = ? AND seq > ? AND seq <= ?)').join(' OR ')}`,
      ranges.flatMap(({ id, after, last }) => [id, after, last]),
    );
    const place = new Map(ranges.map(({ id }, index) => [id, index]));
    return rows.map(journalEventOf).toSorted((a, b) => place.get(a.runId)! - place.get(b.runId)! || a.seq - b.seq);
  }

  async recordConflict(record: Omit<LockRecord, 'id' | 'event' | 'operation'> & { tenantId: string }): Promise<void> {
    const { tenantId, taskId, runId, method, holder, tokenLength, at } = record;
    await this.database.write({
      sql: `INSERT INTO lock_history (tenant_id, task_id, run_id, operation, event, method, holder, token_length, at)
            VALUES (?, ?, ?, 'submit', 'conflict', ?, ?, ?, ?)`,
      values: [tenantId, taskId, runId, method, holder, tokenLength, at],
    });
  }

  async lockHistory(tenantId: string, taskId: string, limit: number): Promise<LockRecord[]> {
    return await this.database.read<LockRecord>(
      `SELECT id, task_id AS taskId, run_id AS runId, operation, event, method, holder, token_length AS tokenLength, at
       FROM lock_history WHERE tenant_id = ? AND task_id = ? ORDER BY id DESC LIMIT ?`,
      [tenantId, taskId, limit],
    );
  }

  private async findEarlier({ tenantId, id, idempotency }: NewTask): Promise<TaskRow | null> {
    if (idempotency === null) return await this.findRow(tenantId, id);
    const query = this.query().where({ tenantId, idempotencyKey: idempotency.key }).limit(1);
    return (await this.database.select(query))[0] ?? (await this.findRow(tenantId, id));
  }

  private async findRow(tenantId: string, id: string): Promise<TaskRow | null> {
    return (await this.database.select(this.query().where({ tenantId, id }).limit(1)))[0] ?? null;
  }

  private query(): SelectQueryBuilder<TaskRow> {
    return this.database.dataSource.getRepository(TaskTable).createQueryBuilder('task');
  }
}

function rowOf({ tenantId, id, title, description, input, at, idempotency }: NewTask): TaskRow {
  return {
    ...{ tenantId, id, title, description, input: JSON.stringify(input), status: 'pending', liveRunId: null, lastRunId: null },
    ...{ idempotencyKey: idempotency?.key ?? null, requestDigest: idempotency?.requestDigest ?? null },
    ...{ createdAt: at, updatedAt: at },
  };
}

function taskOf({ idempotencyKey: _key, requestDigest: _digest, input, ...row }: TaskRow): Task {
  return { ...row, input: JSON.parse(input) as JsonValue };
}
