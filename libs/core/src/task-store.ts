import type { LockRecord } from './lock-history.js';
import type { JsonValue } from './json.js';
import type { Task, TaskStatus } from './task.js';
import type { JournalEvent } from './journal-event.js';

export interface NewTask {
  id: string;
  tenantId: string;
  title: string;
  description: string | null;
  input: JsonValue;
  at: number;
  idempotency: { key: string; requestDigest: string } | null;
}

export type CreateTaskOutcome =
  { kind: 'created'; task: Task } | { kind: 'replayed'; task: Task } | { kind: 'key_reused'; taskId: string };

/** Which tasks a list shows. */
export interface TaskFilter {
  status?: TaskStatus;
  titlePrefix?: string;
}

/** Tasks, and the history of their locks. The marks `running`, `done`… are set by {@link RunStore} alone. */
export abstract class TaskStore {
  abstract create(task: NewTask): Promise<CreateTaskOutcome>;
  abstract find(tenantId: string, taskId: string): Promise<Task | null>;
  /** Newest first; keyset by (createdAt, id). */
  abstract list(
    tenantId: string,
    page: { before?: { createdAt: number; id: string }; limit: number; filter?: TaskFilter },
  ): Promise<Task[]>;
  /** The task's activities: the journals of its runs, oldest run first. A view, not a second log. */
  abstract activities(
    tenantId: string,
    taskId: string,
    page: { afterRunId?: string; afterSeq?: number; limit: number },
  ): Promise<JournalEvent[]>;
  /** Records a conflict that was decided before SQL was asked. */
  abstract recordConflict(record: Omit<LockRecord, 'id' | 'event' | 'operation'> & { tenantId: string }): Promise<void>;
  /** Newest first. */
  abstract lockHistory(tenantId: string, taskId: string, limit: number): Promise<LockRecord[]>;
}
