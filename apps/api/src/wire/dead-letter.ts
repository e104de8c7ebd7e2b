import { z } from 'zod';
import { DEAD_LETTER_STATUSES, NameSchema, type DeadLetter, type RunWithResult } from '@baton/core';
import type { DeadLetterBulkOutcome } from '@baton/engine';
import { Instant, toInstant, toInstantOrNull } from './json.js';
import { toShownPayload } from './payload.js';
import { Cursor, Limit } from './page.js';
import { Failure, runPath } from './run.js';

const Filter = z.strictObject({
  workflow: NameSchema.optional().describe('Its id or name.'),
  code: z.string().min(1).max(64).optional().describe('The code of the error.'),
  node_type: NameSchema.optional(),
  from: z.iso.datetime({ offset: true }).optional().describe('Left at this instant or later.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Left before it.'),
});
export type DeadLetterFilter = z.infer<typeof Filter>;

export const DeadLettersQuery = Filter.extend({
  status: z.enum(DEAD_LETTER_STATUSES).default('open'),
  limit: Limit,
  cursor: Cursor,
});
export type DeadLettersQuery = z.infer<typeof DeadLettersQuery>;

export const DeadLetterReply = z.object({
  id: z.string().describe('The id of its run.'),
  kind: z.enum(['run', 'nodes']).describe('The run failed; or it ended without nodes that failed.'),
  status: z.enum(DEAD_LETTER_STATUSES),
  at: Instant,
  workflow: z.object({ id: z.string(), name: z.string(), version: z.int() }),
  task_id: z.string().nullable(),
  node_id: z.string().nullable().describe('The node that failed, the first one; null where it is the run itself.'),
  node_type: z.string().nullable(),
  failed_nodes: z.int(),
  attempts: z.int().describe('Tries of that node that failed.'),
  error: Failure,
  replay_run_id: z.string().nullable().describe('The run that went on from what failed.'),
  resolved_at: Instant.nullable(),
  resolved_by: z.string().nullable(),
  links: z.object({ run: z.string(), timeline: z.string() }),
});
export type DeadLetterReply = z.infer<typeof DeadLetterReply>;

export const InspectedLetterReply = DeadLetterReply.extend({ input: z.json().describe('What the run was started with.') });
export type InspectedLetterReply = z.infer<typeof InspectedLetterReply>;

export const DeadLetterBulkBody = z.strictObject({
  action: z.enum(['replay', 'discard']),
  filter: Filter.prefault({}),
  limit: z.int().min(1).max(1_000).default(100),
});
export type DeadLetterBulkBody = z.infer<typeof DeadLetterBulkBody>;

export const DeadLetterBulkReply = z.object({
  done: z.array(z.object({ id: z.string(), replay_run_id: z.string().nullable() })),
  refused: z.array(z.object({ id: z.string(), code: z.string(), detail: z.string() })),
  more: z.boolean().describe('There are more letters than `limit`.'),
});
export type DeadLetterBulkReply = z.infer<typeof DeadLetterBulkReply>;

export function toDeadLetterReply(letter: DeadLetter): DeadLetterReply {
  const { runId, workflow } = letter;
  return {
    id: runId,
    ...{ kind: letter.kind, status: letter.status, at: toInstant(letter.at) },
    workflow: { id: workflow.id, name: workflow.name, version: workflow.version },
    ...{ task_id: letter.taskId, node_id: letter.nodeId, node_type: letter.nodeType },
    ...{ failed_nodes: letter.failedNodes, attempts: letter.attempts, error: letter.error },
    ...{ replay_run_id: letter.replayRunId, resolved_at: toInstantOrNull(letter.resolvedAt), resolved_by: letter.resolvedBy },
    links: { run: runPath(runId), timeline: `${runPath(runId)}/timeline` },
  };
}

export function toInspectedLetter(letter: DeadLetter, { input }: RunWithResult): InspectedLetterReply {
  return { ...toDeadLetterReply(letter), input: toShownPayload(input) };
}

export function toDeadLetterBulk({ done, refused, more }: DeadLetterBulkOutcome): DeadLetterBulkReply {
  return {
    done: done.map(({ runId, replayRunId }) => ({ id: runId, replay_run_id: replayRunId })),
    refused: refused.map(({ runId, code, detail }) => ({ id: runId, code, detail })),
    more,
  };
}
