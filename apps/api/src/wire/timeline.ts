import { z } from 'zod';
import {
  NameSchema,
  toWireUsage,
  UsageSchema,
  type TimelineAttempt,
  type TimelineStep,
  type TimelineVisit,
  type TimelineWait,
} from '@baton/core';
import type { TimelineEntry, TimelinePage } from '@baton/engine';
import { Instant, toInstant, toInstantOrNull } from './json.js';
import { Failure } from './run.js';

/** How many visits of a node, and steps of a visit, are shown: the last ones. */
const VISITS_SHOWN = 20;
const STEPS_SHOWN = 100;

export const TimelineQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('`next_after` of the page before.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  node: NameSchema.optional().describe('Only this node.'),
});
export type TimelineQuery = z.infer<typeof TimelineQuery>;

const ExcerptReply = z.object({
  value: z.unknown().describe('Where `truncated`: the beginning of its text.'),
  bytes: z.int(),
  truncated: z.boolean(),
});

const Attempt = z.object({
  attempt: z.int(),
  pool: z.string().nullable().describe('The pool that it went to; the time there is waiting and work.'),
  started_at: Instant,
  ended_at: Instant.nullable(),
  duration_ms: z.int().nullable(),
  outcome: z
    .enum(['completed', 'repeated', 'failed', 'suspended', 'skipped', 'interrupted', 'lost'])
    .nullable()
    .describe('Null: in work. `lost`: its worker died or let go.'),
  error: Failure.nullable(),
  retry_at: Instant.nullable(),
});

const Wait = z.object({
  key: z.string(),
  awaits: z.record(z.string(), z.union([z.string(), z.int()])),
  reason: z.string(),
  since: Instant,
  until: Instant.nullable(),
  ended_at: Instant.nullable(),
  ended_by: z.enum(['signal', 'timeout']).nullable(),
});

const Step = z.object({
  key: z.string(),
  attempt: z.int(),
  at: Instant,
  output: ExcerptReply,
  usage: UsageSchema.extend({ model: z.string() }).optional().describe('What it has used of a model, if it has called one.'),
});

const Visit = z.object({
  visit: z.int(),
  started_at: Instant.nullable(),
  ended_at: Instant.nullable(),
  duration_ms: z.int().nullable(),
  output: ExcerptReply.nullable(),
  attempts: z.array(Attempt),
  waits: z.array(Wait),
  steps: z.array(Step),
  steps_total: z.int(),
});

const Node = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  skipped: z.string().nullable().describe('Why it was skipped.'),
  input: ExcerptReply.nullable(),
  visits: z.array(Visit),
  visits_total: z.int(),
  compensation: z.array(Attempt),
  usage: UsageSchema.optional().describe('What its steps have used of models, in all visits.'),
});

export const TimelineReply = z.object({ run_id: z.string(), items: z.array(Node), next_after: z.int().nullable() });
export type TimelineReply = z.infer<typeof TimelineReply>;

export function toTimelineReply(runId: string, { entries, next }: TimelinePage): TimelineReply {
  return { run_id: runId, items: entries.map(toNode), next_after: next };
}

function toNode({ node, state, input }: TimelineEntry): z.infer<typeof Node> {
  return {
    id: node.id,
    type: node.type,
    status: state.status,
    skipped: node.skipped,
    input,
    visits: node.visits.slice(-VISITS_SHOWN).map(toVisit),
    visits_total: node.visits.length,
    compensation: node.undoing.map(toAttempt),
    ...(state.usage !== null && { usage: toWireUsage(state.usage) }),
  };
}

function toVisit({ visit, startedAt, endedAt, output, attempts, waits, steps }: TimelineVisit): z.infer<typeof Visit> {
  return {
    visit,
    started_at: toInstantOrNull(startedAt),
    ended_at: toInstantOrNull(endedAt),
    duration_ms: lasted(startedAt, endedAt),
    output,
    attempts: attempts.map(toAttempt),
    waits: waits.map(toWait),
    steps: steps.slice(-STEPS_SHOWN).map(toStep),
    steps_total: steps.length,
  };
}

function toStep({ key, attempt, at, output, usage }: TimelineStep): z.infer<typeof Step> {
  const used = usage === null ? {} : { usage: { ...toWireUsage(usage), model: usage.model } };
  return { key, attempt, at: toInstant(at), output, ...used };
}

function toAttempt({ attempt, pool, startedAt, endedAt, outcome, error, retryAt }: TimelineAttempt): z.infer<typeof Attempt> {
  return {
    attempt,
    pool,
    started_at: toInstant(startedAt),
    ended_at: toInstantOrNull(endedAt),
    duration_ms: lasted(startedAt, endedAt),
    outcome,
    error,
    retry_at: toInstantOrNull(retryAt),
  };
}

function toWait({ key, awaits, reason, since, until, endedAt, endedBy }: TimelineWait): z.infer<typeof Wait> {
  return {
    key,
    // The approval itself says of whom it asks what.
    awaits: awaits.kind === 'approval' ? { kind: awaits.kind } : { ...awaits },
    reason,
    since: toInstant(since),
    until: toInstantOrNull(until),
    ended_at: toInstantOrNull(endedAt),
    ended_by: endedBy,
  };
}

function lasted(startedAt: number | null, endedAt: number | null): number | null {
  return startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt);
}
