import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import { NameSchema, RUN_STATUSES, type Run } from '@baton/core';
import type { BulkOutcome, Fork, PausedRun } from '@baton/engine';
import { AnyJson } from './json.js';
import { StartedReply, toStartedReply } from './run.js';

export const Reason = z.string().trim().min(1).max(500);

export const ReasonBody = z.strictObject({ reason: Reason.optional() }).prefault({});
export type ReasonBody = z.infer<typeof ReasonBody>;

export const EventBody = z.strictObject({ name: NameSchema, payload: AnyJson.optional() });
export type EventBody = z.infer<typeof EventBody>;

export const EventReply = z.object({ run_id: z.string(), signal_id: z.int(), name: z.string() });
export type EventReply = z.infer<typeof EventReply>;

/** `checkpoint_id` names the place in the journal from which the run goes on. */
export const PausedReply = z.object({
  execution_id: z.string(),
  status: z.enum(RUN_STATUSES),
  checkpoint_id: z.uuid().nullable().describe('Null while the run does not stand yet.'),
  checkpoint_seq: z.int().nullable(),
  resume_url: z.string(),
});
export type PausedReply = z.infer<typeof PausedReply>;

export const ResumedReply = z.object({ execution_id: z.string(), status: z.enum(RUN_STATUSES) });
export type ResumedReply = z.infer<typeof ResumedReply>;

export const ForkBody = z.strictObject({
  from_node: NameSchema.describe('Runs anew, with everything that depends on it.'),
  input: AnyJson.optional().describe("The new run's input; without it, that of the old run."),
  definition: AnyJson.optional().describe('For the new run alone: an object, or YAML as text.'),
});
export type ForkBody = z.infer<typeof ForkBody>;

export const ForkReply = StartedReply.extend({
  forked_from: z.string(),
  kept_nodes: z.int().describe('Nodes whose outcome is taken over.'),
  total_nodes: z.int(),
});
export type ForkReply = z.infer<typeof ForkReply>;

export const BulkBody = z.strictObject({
  action: z.enum(['pause', 'resume', 'cancel', 'retry']),
  filter: z
    .strictObject({
      status: z.enum(RUN_STATUSES).optional(),
      workflow: NameSchema.optional().describe('Its id or name.'),
      task_id: z.string().min(1).max(128).optional(),
      pool: NameSchema.optional().describe('Runs with a node that goes to this pool, done or not.'),
      run_ids: z
        .array(z.string().min(1).max(64))
        .min(1)
        .max(1_000)
        .optional()
        .describe('These runs, whatever their states, each with an answer of its own. It stands alone.'),
    })
    .refine(({ run_ids, ...others }) => run_ids === undefined || Object.keys(others).length === 0, '`run_ids` stands alone')
    .default({}),
  limit: z.int().min(1).max(1_000).default(100),
  reason: Reason.optional(),
});
export type BulkBody = z.infer<typeof BulkBody>;

export const BulkReply = z.object({
  done: z.array(z.object({ run_id: z.string(), new_run_id: z.string().optional() })),
  refused: z.array(z.object({ run_id: z.string(), code: z.string(), detail: z.string() })),
  more: z.boolean().describe('More runs fit the filter than the limit allows, or more would have to be looked through.'),
});
export type BulkReply = z.infer<typeof BulkReply>;

/** Names places in journals by UUIDs. Chosen once, never changed. */
const CHECKPOINTS = '5f0f4ef2-6d0c-4b7b-9a55-0f4f3b1d7c11';

/** The id of a place in a journal: the same each time. */
export function checkpointId(runId: string, seq: number): string {
  return uuidv5(`${runId}.${seq}`, CHECKPOINTS);
}

/** `paused`: null while the run does not stand yet. */
export function toPausedReply(run: Run, paused: PausedRun | null, resumeUrl: string): PausedReply {
  const seq = paused?.seq ?? null;
  return {
    execution_id: run.id,
    status: paused === null ? run.status : 'paused',
    checkpoint_id: seq === null ? null : checkpointId(run.id, seq),
    checkpoint_seq: seq,
    resume_url: resumeUrl,
  };
}

export function toForkReply({ run, kept, total }: Fork, forkedFrom: string): ForkReply {
  return { ...toStartedReply(run), forked_from: forkedFrom, kept_nodes: kept, total_nodes: total };
}

export function toBulkReply({ done, refused, more }: BulkOutcome): BulkReply {
  return {
    done: done.map(({ runId, newRunId }) => ({ run_id: runId, ...(newRunId !== undefined && { new_run_id: newRunId }) })),
    refused: refused.map(({ runId, code, detail }) => ({ run_id: runId, code, detail })),
    more,
  };
}
