import { z } from 'zod';
import {
  BUDGET_AMOUNTS,
  budgetApprovalId,
  budgetReport,
  agentNodes,
  phaseOf,
  progressOf,
  RUN_STATUSES,
  timeBudget,
  tierOf,
  tierProgress,
  toWireUsage,
  UsageSchema,
  WHY_CODES,
  type BudgetAccount,
  type RunLimits,
  type RunWithResult,
  type Why,
} from '@baton/core';
import type { InspectedRun } from '@baton/engine';
import { Instant, toInstant, toInstantOrNull } from './json.js';
import { Failure, RunReply, RunSummaryReply, toRunReply } from './run.js';

/** How many agents a status shows. */
const AGENTS_SHOWN = 200;

export const WhyReply = z.object({
  code: z.enum(WHY_CODES),
  sentence: z.string(),
  since: Instant,
  until: Instant.optional().describe('When it changes by itself.'),
  node_id: z.string().optional(),
  approval_id: z.string().optional(),
  event: z.string().optional(),
  target: z.string().optional().describe('What is not called for the time being.'),
  child_run_id: z.string().optional(),
  child_status: z.enum(RUN_STATUSES).optional(),
  node_type: z.string().optional(),
  pool: z.string().optional(),
  worker_id: z.string().optional(),
  limit: z.string().optional().describe('Whose limit on live runs is reached.'),
  attempt: z.int().optional(),
  of: z.int().optional(),
  others: z
    .int()
    .optional()
    .describe('How many more nodes; for `workers_busy` and a queue of a pool, jobs; for `at_limit`, runs that stand before it.'),
});
export type WhyReply = z.infer<typeof WhyReply>;

const PHASES = ['queued', 'executing', 'waiting', 'paused', 'compensating', 'ended'] as const;

const Progress = z.object({
  total: z.int(),
  settled: z.int(),
  by_status: z.record(z.string(), z.int()),
  tiers: z
    .array(z.object({ tier: z.string(), total: z.int(), settled: z.int() }))
    .describe('Agents that stand in a tier of their workflow.'),
});

const Agent = z.object({
  node_id: z.string(),
  agent: z.string().nullable().describe('The name of the agent, or its role.'),
  tier: z.string().optional().describe('Where it stands among the agents of its workflow.'),
  status: z.string(),
  attempt: z.int(),
  usage: UsageSchema.optional().describe('What it has used of models, in all visits.'),
});

const Metrics = z.object({
  queued_ms: z.int().nullable().describe('From the acceptance to the first claim.'),
  duration_ms: z.int().nullable().describe('From the first claim to the end, or to now; parked time included.'),
  attempts: z.int(),
  failed_attempts: z.int(),
  claims: z.int(),
  events: z.int(),
});

/** Only the time in which a worker has the run counts; while it is undone, that of its undoing. */
const TimeLimit = z.object({
  limit_ms: z.int(),
  used_ms: z.int(),
  until: Instant.nullable().describe('When it is used up; null while nobody is at work.'),
});

/** What it may use up. */
const Budget = z.object({
  amounts: z.array(
    z.object({
      amount: z.enum(BUDGET_AMOUNTS).describe('`cost_micros`: millionths of money; `wall_time`: seconds in work.'),
      limit: z.int().describe('With what was granted.'),
      used: z.int(),
      left: z.int(),
      granted: z.int(),
    }),
  ),
  on_budget: z.enum(['ask', 'fail']),
  asking: z
    .object({ approval_id: z.string(), scope: z.enum(['run', 'tree', 'tenant']), since: Instant, until: Instant.nullable() })
    .nullable()
    .describe('What it has asked for and waits for.'),
});

const Status = z.object({
  phase: z.enum(PHASES),
  progress: Progress,
  agents: z.array(Agent),
  metrics: Metrics,
  usage: UsageSchema.describe(
    'What its own steps have used of models: without its children, and without what a run that it forks has paid.',
  ),
  time_limit: TimeLimit,
  budget: Budget.nullable().describe('Null: nothing limits it.'),
  fork: z.object({ run_id: z.string(), seq: z.int(), nodes: z.array(z.string()) }).nullable(),
  why: WhyReply,
});

export const RunStatusReply = RunReply.extend(Status.shape);
export type RunStatusReply = z.infer<typeof RunStatusReply>;

export const ListedRunReply = RunSummaryReply.extend({
  why: WhyReply.optional().describe('With `why=true`, of runs that have not ended.'),
  error: Failure.pick({ code: true, message: true })
    .optional()
    .describe('With `why=true`, of runs that have failed; the beginning of its message.'),
});

/** The status of an execution, as orchestration clients ask for it. */
export const ExecutionStatusReply = z.object({
  workflow_id: z.string(),
  execution_id: z.string(),
  status: RunReply.shape.status,
  current_phase: z.enum(PHASES),
  progress: Progress,
  agents: z.array(Agent),
  performance_metrics: Metrics,
  time_limit: TimeLimit,
  error_details: Failure.nullable(),
  why: WhyReply,
  links: RunReply.shape.links,
});
export type ExecutionStatusReply = z.infer<typeof ExecutionStatusReply>;

export function toWhyReply(why: Why): WhyReply {
  const {
    code,
    sentence,
    since,
    until,
    nodeId,
    approvalId,
    event,
    childRunId,
    childStatus,
    target,
    nodeType,
    pool,
    workerId,
    limit,
    attempt,
    of,
    others,
  } = why;
  return {
    code,
    sentence,
    since: toInstant(since),
    ...(until !== undefined && { until: toInstant(until) }),
    ...(nodeId !== undefined && { node_id: nodeId }),
    ...(approvalId !== undefined && { approval_id: approvalId }),
    ...(event !== undefined && { event }),
    ...(target !== undefined && { target }),
    ...(childRunId !== undefined && { child_run_id: childRunId }),
    ...(childStatus !== undefined && { child_status: childStatus }),
    ...(nodeType !== undefined && { node_type: nodeType }),
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { worker_id: workerId }),
    ...(limit !== undefined && { limit }),
    ...(attempt !== undefined && { attempt }),
    ...(of !== undefined && { of }),
    ...(others !== undefined && { others }),
  };
}

interface StatusFacts {
  readonly now: number;
  readonly limits: RunLimits;
  /** Of the run's budget, where calls have used any. */
  readonly account?: BudgetAccount;
}

export function toRunStatus(
  run: RunWithResult,
  inspected: InspectedRun,
  why: Why,
  { now, limits, account }: StatusFacts,
): RunStatusReply {
  const { state, trace } = inspected;
  const { total, settled, byStatus } = progressOf(state);
  const { forkedFrom } = trace;
  return {
    ...toRunReply(run),
    phase: phaseOf(run.status, state),
    progress: { total, settled, by_status: byStatus, tiers: tierProgress(state) },
    agents: agentsOf(inspected),
    metrics: metricsOf(run, inspected, now),
    usage: toWireUsage(state.usage),
    time_limit: timeLimitOf(inspected, limits, now),
    budget: budgetOf(inspected, { limits, now, ...(account !== undefined && { account }) }),
    fork: forkedFrom === null ? null : { run_id: forkedFrom.runId, seq: forkedFrom.seq, nodes: [...forkedFrom.nodes] },
    why: toWhyReply(why),
  };
}

export function toExecutionStatus(run: RunWithResult, status: RunStatusReply): ExecutionStatusReply {
  return {
    workflow_id: run.workflow.id,
    execution_id: run.id,
    status: status.status,
    current_phase: status.phase,
    progress: status.progress,
    agents: status.agents,
    performance_metrics: status.metrics,
    time_limit: status.time_limit,
    error_details: status.error,
    why: status.why,
    links: status.links,
  };
}

function agentsOf({ state }: InspectedRun): z.infer<typeof Agent>[] {
  return agentNodes(state)
    .slice(0, AGENTS_SHOWN)
    .map((node) => {
      const { id, index, config } = node;
      const tier = tierOf(node);
      const { status, attempt, usage } = state.nodes[index]!;
      const name = config['agent'] ?? config['role'];
      const agent = typeof name === 'string' ? name : null;
      return {
        node_id: id,
        agent,
        ...(tier !== null && { tier }),
        status,
        attempt,
        ...(usage !== null && { usage: toWireUsage(usage) }),
      };
    });
}

function timeLimitOf({ state }: InspectedRun, limits: RunLimits, now: number): z.infer<typeof TimeLimit> {
  const { limitMs, usedMs, endsAt } = timeBudget(state, limits, now);
  return { limit_ms: Math.round(limitMs), used_ms: usedMs, until: toInstantOrNull(endsAt) };
}

function budgetOf({ state }: InspectedRun, { limits, now, account }: StatusFacts): z.infer<typeof Budget> | null {
  const { amounts, onBudget, asking } = budgetReport(state, now, limits.budget, account);
  if (amounts.length === 0 && asking === null) return null;
  return {
    amounts,
    on_budget: onBudget,
    asking: asking && {
      ...{ approval_id: budgetApprovalId(state.facts.id, asking), scope: asking.scope, since: toInstant(asking.since) },
      until: toInstantOrNull(asking.until),
    },
  };
}

function metricsOf(run: RunWithResult, { trace }: InspectedRun, now: number): z.infer<typeof Metrics> {
  const { createdAt, startedAt, finishedAt, epoch, seq } = run;
  return {
    queued_ms: startedAt === null ? null : Math.max(0, startedAt - createdAt),
    duration_ms: startedAt === null ? null : Math.max(0, (finishedAt ?? now) - startedAt),
    attempts: trace.attempts,
    failed_attempts: trace.failures,
    claims: epoch,
    events: seq,
  };
}
