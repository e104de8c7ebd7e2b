import type { JsonValue } from './json.js';
import type { TerminalRunStatus } from './run.js';

/** The states of a task. It is `running` exactly while it has a live run. */
export const TASK_STATUSES = ['pending', 'running', 'done', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A piece of requested work, kept by the user; it has at most one live run. */
export interface Task {
  id: string;
  tenantId: string;
  title: string;
  description: string | null;
  input: JsonValue;
  status: TaskStatus;
  liveRunId: string | null;
  lastRunId: string | null;
  createdAt: number;
  updatedAt: number;
}

const TASK_STATUS_AFTER: Record<TerminalRunStatus, TaskStatus> = { completed: 'done', failed: 'failed', cancelled: 'cancelled' };

/** The task's status once its run has ended. */
export function taskStatusAfter(status: TerminalRunStatus): TaskStatus {
  return TASK_STATUS_AFTER[status];
}
