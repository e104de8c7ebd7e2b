import { z } from 'zod';
import {
  BudgetLimitsSchema,
  NameSchema,
  RUN_PRIORITIES,
  RUN_STATUSES,
  type JsonValue,
  type Run,
  type RunWithResult,
} from '@baton/core';
import { AnyJson, Instant, toInstant, toInstantOrNull } from './json.js';
import { Cursor, Limit } from './page.js';
import { toShownPayload } from './payload.js';

/** How soon a run gets its turns where several wait. */
export const PriorityField = z
  .enum(RUN_PRIORITIES)
  .optional()
  .describe('`high` passes the others of its tenant, `low` lets many of them pass; `normal` when absent.');

/** What a start may lower. */
export const BudgetField = BudgetLimitsSchema.optional().describe('Lowers the budget of the run; it never raises it.');

export const StartRunBody = z.strictObject({
  workflow: NameSchema,
  input: AnyJson.optional(),
  priority: PriorityField,
  budget: BudgetField,
});
export type StartRunBody = z.infer<typeof StartRunBody>;

/** What an Idempotency-Key of a start stands for. */
export function meaningOfStart({ workflow, input = null, priority, budget }: StartRunBody): JsonValue {
  return [
    ...['start workflow', workflow, input],
    ...(priority === undefined ? [] : [priority]),
    ...(budget === undefined ? [] : [budget]),
  ];
}

const Moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const RunsQuery = z.strictObject({
  task_id: z.string().min(1).max(64).optional(),
  status: z.enum(RUN_STATUSES).optional(),
  parent_id: z.string().min(1).max(64).optional().describe('The children of this run.'),
  workflow: NameSchema.optional().describe('Its id or name.'),
  id_prefix: z.string().min(8).max(64).optional().describe('Runs whose ids begin so.'),
  created_after: Moment.optional(),
  created_before: Moment.optional(),
  why: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Says of each run that has not ended why it does not move, and of each that has failed why it did.'),
  limit: Limit,
  cursor: Cursor,
});
export type RunsQuery = z.infer<typeof RunsQuery>;

const Links = z.object({ run: z.string(), events: z.string(), journal: z.string(), task: z.string().optional() });

const RunSummary = z.object({
  id: z.string(),
  task_id: z.string().nullable(),
  workflow: z.object({ id: z.string(), name: z.string(), version: z.int(), digest: z.string() }),
  forked_from: z.string().nullable().describe('The run that it forks.'),
  parent: z
    .object({ run_id: z.string(), node_id: z.string(), index: z.int(), depth: z.int() })
    .nullable()
    .describe('The run that waits for it, and its place among the children of the node.'),
  continued_from: z.string().nullable().describe('The run that goes on in it.'),
  status: z.enum(RUN_STATUSES),
  priority: z.enum(RUN_PRIORITIES),
  revision: z.int().describe('The number of its last patch; 0: its definition is as submitted.'),
  seq: z.int().describe('The last journaled sequence number.'),
  epoch: z.int().describe('Rises by one with each claim.'),
  worker_id: z.string().nullable(),
  wake_at: Instant.nullable(),
  created_at: Instant,
  started_at: Instant.nullable(),
  finished_at: Instant.nullable(),
  links: Links,
});
export const RunSummaryReply = RunSummary;

export const Failure = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean().optional(),
  retry_after_ms: z.int().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

export const RunReply = RunSummary.extend({
  input: z.unknown(),
  output: z.unknown(),
  error: Failure.nullable(),
  continued_as: z.string().nullable().describe('The run in which it goes on.'),
});
export type RunReply = z.infer<typeof RunReply>;

/** The answer to a start: the run is accepted and durable. */
export const StartedReply = z.object({
  run_id: z.string(),
  task_id: z.string().nullable(),
  status: z.enum(RUN_STATUSES),
  links: Links,
});
export type StartedReply = z.infer<typeof StartedReply>;

/** The answer to a start with `Prefer: wait=N`, when the run has ended in that time. */
export const EndedReply = StartedReply.extend({ output: z.unknown(), error: Failure.nullable() });
export type EndedReply = z.infer<typeof EndedReply>;

export function runPath(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}`;
}

export function runLinks(run: { id: string; taskId: string | null }): z.infer<typeof Links> {
  const path = runPath(run.id);
  const links = { run: path, events: `${path}/events`, journal: `${path}/journal` };
  return run.taskId === null ? links : { ...links, task: `/api/v1/tasks/${encodeURIComponent(run.taskId)}` };
}

export function toRunSummary(run: Run): z.infer<typeof RunSummary> {
  return {
    id: run.id,
    task_id: run.taskId,
    workflow: { id: run.workflow.id, name: run.workflow.name, version: run.workflow.version, digest: run.workflow.digest },
    forked_from: run.forkedFrom,
    parent: toParent(run),
    continued_from: run.continuedFrom,
    status: run.status,
    priority: run.priority,
    revision: run.revision,
    seq: run.seq,
    epoch: run.epoch,
    worker_id: run.workerId,
    wake_at: toInstantOrNull(run.wakeAt),
    created_at: toInstant(run.createdAt),
    started_at: toInstantOrNull(run.startedAt),
    finished_at: toInstantOrNull(run.finishedAt),
    links: runLinks(run),
  };
}

export function toRunReply(run: RunWithResult): RunReply {
  const { input, output, error } = run;
  return {
    ...toRunSummary(run),
    ...{ input: toShownPayload(input), output: toShownPayload(output), error, continued_as: run.continuedAs },
  };
}

function toParent({ parent }: Run): z.infer<typeof RunSummary>['parent'] {
  if (parent === null) return null;
  return { run_id: parent.runId, node_id: parent.nodeId, index: parent.index, depth: parent.depth };
}

export function toStartedReply(run: Run): StartedReply {
  return { run_id: run.id, task_id: run.taskId, status: run.status, links: runLinks(run) };
}

export function toEndedReply(run: RunWithResult): EndedReply {
  return { ...toStartedReply(run), output: toShownPayload(run.output), error: run.error };
}
