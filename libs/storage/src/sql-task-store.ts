import type { SelectQueryBuilder } from 'typeorm';
import {
  TaskStore,
  type CreateTaskOutcome,
  type JournalEvent,
  type JsonValue,
  type LockRecord,
  type NewTask,
  type Task,
} from '@baton/core';
import { failureKind } from './database-failure.js';
import type { Database } from './database.js';
import { JOURNAL_SELECT, journalEventOf } from './journal/journal-rows.js';
import type { JournalRow } from './journal/run-head.js';
import { TaskTable, type TaskRow } from './schema.js';

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

  async list(tenantId: string, page: { before?: { createdAt: number; id: string }; limit: number }): Promise<Task[]> {
    const query = this.query().where('task.tenantId = :tenantId', { tenantId });
    if (page.before !== undefined) {
      query.andWhere('(task.createdAt < :createdAt OR (task.createdAt = :createdAt AND task.id < :id))', page.before);
    }
    query.orderBy('task.createdAt', 'DESC').addOrderBy('task.id', 'DESC').limit(page.limit);
    return (await this.database.select(query)).map(taskOf);
  }

  async activities(
    tenantId: string,
    taskId: string,
    page: { afterRunId?: string; afterSeq?: number; limit: number },
  ): Promise<JournalEvent[]> {
    const { afterRunId, afterSeq = 0, limit } = page;
    const after =
      afterRunId === undefined
        ? ''
        : `AND EXISTS (SELECT 1 FROM runs last WHERE last.id = ? AND (runs.created_at > last.created_at
             OR (runs.created_at = last.created_at AND (runs.id > last.id OR (runs.id = last.id AND journal.seq > ?)))))`;
    const rows = await this.database.read<JournalRow>(
      `SELECT ${JOURNAL_SELECT} FROM runs JOIN journal ON journal.run_id = runs.id
       WHERE runs.tenant_id = ? AND runs.task_id = ? ${after}
       ORDER BY runs.created_at, runs.id, journal.seq LIMIT ?`,
      [tenantId, taskId, ...(afterRunId === undefined ? [] : [afterRunId, afterSeq]), limit],
    );
    return rows.map(journalEventOf);
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
