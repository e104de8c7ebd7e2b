import { z } from 'zod';
import { LOCK_METHODS, TASK_STATUSES, type LockRecord, type Task } from '@baton/core';
import { AnyJson, Instant, toInstant } from './json.js';
import { Cursor, Limit } from './page.js';
import { BudgetField, PriorityField, RunReply } from './run.js';

const Title = z.string().trim().min(1).max(500);

/** A task's id, as text or number: `"11"` and `11` are the same task. */
const TaskIdField = z.union([z.string().min(1).max(64), z.int().min(0)]).transform(String);

export const NewTaskBody = z.strictObject({
  title: Title,
  description: z.string().max(20_000).optional(),
  input: AnyJson.optional(),
});
export type NewTaskBody = z.infer<typeof NewTaskBody>;

/** Tasks of a tenant, page by page. */
export const TasksQuery = z.strictObject({
  status: z.enum(TASK_STATUSES).optional(),
  title_prefix: z.string().min(1).max(500).optional().describe('Only tasks whose title begins so.'),
  limit: Limit,
  cursor: Cursor,
});
export type TasksQuery = z.infer<typeof TasksQuery>;

const startFields = {
  title: Title.optional().describe('Asks this instead of the title of the task, this once.'),
  description: z.string().max(20_000).nullish().describe('Tells it more than the task does, this once.'),
  input: AnyJson.optional(),
  priority: PriorityField,
  budget: BudgetField,
};

const AsRead = z.unknown().optional().describe('As a task has it that was read: not looked at.');

/** A task as it was read, whole, is a body too. */
export const RunAgentsBody = z.strictObject({
  id: TaskIdField,
  ...startFields,
  ...{ status: AsRead, live_run_id: AsRead, last_run_id: AsRead, run: AsRead },
  ...{ created_at: AsRead, updated_at: AsRead, links: AsRead },
});
export type RunAgentsBody = z.infer<typeof RunAgentsBody>;

export const StartTaskRunBody = z.strictObject(startFields).prefault({});
export type StartTaskRunBody = z.infer<typeof StartTaskRunBody>;

export const TaskReply = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  input: z.unknown(),
  status: z.enum(TASK_STATUSES),
  live_run_id: z.string().nullable(),
  last_run_id: z.string().nullable(),
  created_at: Instant,
  updated_at: Instant,
  links: z.object({ self: z.string(), events: z.string(), activities: z.string(), locks: z.string() }),
});
export type TaskReply = z.infer<typeof TaskReply>;

/** A task with its live run, or else its last. */
export const TaskDetailReply = TaskReply.extend({ run: RunReply.nullable() });

export const LockReply = z.object({
  task_id: z.string(),
  run_id: z.string().nullable(),
  operation: z.enum(['submit', 'advance']),
  event: z.enum(['acquired', 'conflict']),
  method: z.enum(LOCK_METHODS),
  holder: z.string(),
  token_len: z.int(),
  at: Instant,
});
export const LocksReply = z.object({ items: z.array(LockReply) });

export function toTaskReply(task: Task): TaskReply {
  const self = taskPath(task.id);
  return {
    id: task.id,
    title: task.title,
    description: task.description,
    input: task.input,
    status: task.status,
    live_run_id: task.liveRunId,
    last_run_id: task.lastRunId,
    created_at: toInstant(task.createdAt),
    updated_at: toInstant(task.updatedAt),
    links: { self, events: taskEventsPath(task.id), activities: `${self}/activities`, locks: `${self}/locks` },
  };
}

export function toLockReply(record: LockRecord): z.infer<typeof LockReply> {
  return {
    task_id: record.taskId,
    run_id: record.runId,
    operation: record.operation,
    event: record.event,
    method: record.method,
    holder: record.holder,
    token_len: record.tokenLength,
    at: toInstant(record.at),
  };
}

export function taskPath(taskId: string): string {
  return `/api/v1/tasks/${encodeURIComponent(taskId)}`;
}

function taskEventsPath(taskId: string): string {
  return `/events/tasks/${encodeURIComponent(taskId)}`;
}
