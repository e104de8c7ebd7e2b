import {
  TaskStore,
  type CreateTaskOutcome,
  type JournalEvent,
  type LockRecord,
  type NewTask,
  type Task,
  type TaskFilter,
} from '@baton/core';
import type { MemoryDatabase, TaskRow } from './memory-database.js';
import { PortCalls } from './port-calls.js';
import { stored } from './stored.js';

/** {@link TaskStore} of one process over the shared tables. */
export class MemoryTaskStore extends TaskStore {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  create(task: NewTask): Promise<CreateTaskOutcome> {
    return this.calls.make('create', task, () => {
      const { idempotency, at, ...fields } = task;
      const known = [...this.db.tasks.values()].find(
        (row) => idempotency !== null && row.tenantId === task.tenantId && row.idempotency?.key === idempotency.key,
      );
      if (known !== undefined) {
        const same = known.idempotency!.requestDigest === idempotency!.requestDigest;
        return same ? { kind: 'replayed', task: toTask(known) } : { kind: 'key_reused', taskId: known.id };
      }
      const row: TaskRow = {
        ...{ ...fields, idempotency, status: 'pending', liveRunId: null, lastRunId: null },
        ...{ createdAt: at, updatedAt: at },
      };
      this.db.tasks.set(task.id, row);
      return { kind: 'created', task: toTask(row) };
    });
  }

  find(tenantId: string, taskId: string): Promise<Task | null> {
    return this.calls.make('find', taskId, () => {
      const row = this.db.tasks.get(taskId);
      return row !== undefined && row.tenantId === tenantId ? toTask(row) : null;
    });
  }

  list(
    tenantId: string,
    { before, limit, filter = {} }: { before?: { createdAt: number; id: string }; limit: number; filter?: TaskFilter },
  ): Promise<Task[]> {
    return this.calls.make('list', tenantId, () =>
      [...this.db.tasks.values()]
        .filter((row) => row.tenantId === tenantId)
        .filter(({ status, title }) => (filter.status ?? status) === status && title.startsWith(filter.titlePrefix ?? ''))
        .filter((row) => before === undefined || byAge(before, row) < 0)
        .sort(byAge)
        .slice(0, limit)
        .map(toTask),
    );
  }

  activities(
    tenantId: string,
    taskId: string,
    { afterRunId, afterSeq = 0, limit }: { afterRunId?: string; afterSeq?: number; limit: number },
  ): Promise<JournalEvent[]> {
    return this.calls.make('activities', taskId, () => {
      const runs = [...this.db.runs.values()].filter((run) => run.tenantId === tenantId && run.taskId === taskId);
      const from = afterRunId === undefined ? 0 : runs.findIndex(({ id }) => id === afterRunId);
      const events = runs.slice(from).flatMap(({ id }) => this.db.journalOf(id).slice(id === afterRunId ? afterSeq : 0));
      return stored(events.slice(0, limit));
    });
  }

  recordConflict(record: Omit<LockRecord, 'id' | 'event' | 'operation'> & { tenantId: string }): Promise<void> {
    return this.calls.make('recordConflict', record, () => {
      this.db.recordLock({ ...record, event: 'conflict', operation: 'submit' });
    });
  }

  lockHistory(tenantId: string, taskId: string, limit: number): Promise<LockRecord[]> {
    return this.calls.make('lockHistory', taskId, () =>
      this.db.lockRecords
        .filter((record) => record.tenantId === tenantId && record.taskId === taskId)
        .map(({ tenantId: _tenant, ...record }) => record)
        .reverse()
        .slice(0, limit),
    );
  }
}

function toTask({ idempotency: _key, ...task }: TaskRow): Task {
  return stored(task);
}

/** Newest first. */
function byAge(a: { createdAt: number; id: string }, b: { createdAt: number; id: string }): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
}
