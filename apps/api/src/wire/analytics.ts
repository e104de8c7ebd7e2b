import { z } from 'zod';
import {
  addUsage,
  figuresOf,
  NameSchema,
  NO_USAGE,
  SPAN_MS,
  STATISTICS_SPANS,
  toWireUsage,
  UsageSchema,
  type CostSum,
  type RunCount,
  type RunFigures,
  type StatisticsQuery,
} from '@baton/core';
import { invalidRequest } from '../problems/validation.js';
import { Instant, toInstant } from './json.js';
import { Limit } from './page.js';

/** Spans that are looked at where nothing else is asked for, and at most. */
const SPANS_SHOWN = { hour: 24, day: 30 };
const MOST_SPANS = { hour: 3 * 24, day: 366 };

const Moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const AnalyticsQuery = z.strictObject({
  from: Moment.optional().describe(
    'A day of UTC or an instant: the span in which it lies is the first. 30 days or 24 hours when absent.',
  ),
  to: Moment.optional().describe('A day of UTC or an instant: the span in which it lies is the last; now when absent.'),
  interval: z.enum(STATISTICS_SPANS).default('day').describe('The spans of the period: at most 366 days, or 72 hours.'),
  workflow: NameSchema.optional().describe('Its id or name.'),
});
export type AnalyticsQuery = z.infer<typeof AnalyticsQuery>;

export const AnalyticsListQuery = AnalyticsQuery.extend({ limit: Limit });
export type AnalyticsListQuery = z.infer<typeof AnalyticsListQuery>;

/** @throws BatonError `invalid_request`: it ends before it begins, or is too long. */
export function periodOf({ from, to, interval }: AnalyticsQuery, now: number): Pick<StatisticsQuery, 'span' | 'from' | 'to'> {
  const ms = SPAN_MS[interval];
  const last = to === undefined ? now : momentOf(to, SPAN_MS.day - 1);
  const end = Math.floor(last / ms) * ms + ms;
  const start = from === undefined ? end - SPANS_SHOWN[interval] * ms : Math.floor(momentOf(from, 0) / ms) * ms;
  if (start >= end) throw invalidRequest([{ pointer: '/from', message: 'must be before `to`' }]);
  if (end - start > MOST_SPANS[interval] * ms)
    throw invalidRequest([{ pointer: '/from', message: `must be within ${MOST_SPANS[interval]} ${interval}s before \`to\`` }]);
  return { span: interval, from: start, to: end };
}

/** `intoDay`: which moment a day stands for. */
function momentOf(text: string, intoDay: number): number {
  return Date.parse(text) + (text.length === 'YYYY-MM-DD'.length ? intoDay : 0);
}

const Period = z.object({
  from: Instant,
  to: Instant.describe('The first instant after it.'),
  interval: z.enum(STATISTICS_SPANS),
});

const Durations = z.object({ mean: z.int(), p50: z.int(), p95: z.int() }).nullable();
const Figures = z.object({
  runs: z.object({ ended: z.int(), completed: z.int(), failed: z.int(), cancelled: z.int() }),
  success_rate: z
    .number()
    .nullable()
    .describe('The part of those that completed or failed which completed, 0 to 1; null where there is none.'),
  duration_ms: Durations.describe(
    'Of those that completed, from the first claim to the end; percentiles are off by less than 5 %.',
  ),
});
const Workflow = z.object({ id: z.string(), name: z.string() });

export const SummaryReply = Period.extend({
  ...Figures.shape,
  runs_per_hour: z.number().describe('Runs that ended, by the hours of the period that have passed.'),
  usage: UsageSchema.describe('Of the runs that ended.'),
  live: z
    .object({ queued: z.int(), running: z.int(), waiting: z.int(), paused: z.int(), compensating: z.int() })
    .describe('Runs that have not ended, as of now, whatever the period.'),
  points: z.array(Figures.extend({ at: Instant, usage: UsageSchema })).describe('One for each span of the period, in order.'),
});
export type SummaryReply = z.infer<typeof SummaryReply>;

export const WorkflowsReply = Period.extend({
  items: z.array(Figures.extend({ workflow: Workflow, usage: UsageSchema })).describe('Those of which most runs ended first.'),
  truncated: z.boolean().describe('There are more than `limit`.'),
});
export type WorkflowsReply = z.infer<typeof WorkflowsReply>;

const ByWorkflow = UsageSchema.extend({ workflow: Workflow });
const ByAgent = UsageSchema.extend({ agent: z.string() });
const ByModel = UsageSchema.extend({ model: z.string() });
const Point = UsageSchema.extend({ at: Instant });

export const CostsReply = Period.extend({
  total: UsageSchema,
  runs: z.int().describe('Runs that ended.'),
  average_cost_micros: z.number().describe('Of a run that ended, whether it called models or not.'),
  points: z.array(Point).describe('One for each span of the period, in order.'),
  by_workflow: z
    .array(ByWorkflow.extend({ points: z.array(Point).describe('Spans in which it cost something; of the first ten alone.') }))
    .describe('What cost most first, as many as `limit`.'),
  by_agent: z.array(ByAgent),
  by_model: z.array(ByModel),
});
export type CostsReply = z.infer<typeof CostsReply>;

export function toPeriod({ span, from, to }: Pick<StatisticsQuery, 'span' | 'from' | 'to'>): z.infer<typeof Period> {
  return { from: toInstant(from), to: toInstant(to), interval: span };
}

export function toFigures({ ended, completed, failed, cancelled, successRate, durationMs }: RunFigures): z.infer<typeof Figures> {
  return {
    runs: { ended, completed, failed, cancelled },
    success_rate: successRate,
    duration_ms:
      durationMs === null
        ? null
        : { mean: Math.round(durationMs.mean), p50: Math.round(durationMs.p50), p95: Math.round(durationMs.p95) },
  };
}

/** The spans of a period, each with what is in it. */
export function pointsOf({ span, from, to }: StatisticsQuery, counts: readonly RunCount[], costs: readonly CostSum[]) {
  const bySlot = Map.groupBy(counts, ({ slotAt }) => slotAt!);
  const usage = new Map(costs.map((cost) => [cost.slotAt!, cost.usage]));
  const slots = Array.from({ length: (to - from) / SPAN_MS[span] }, (_, index) => from + index * SPAN_MS[span]);
  return slots.map((at) => ({
    at: toInstant(at),
    ...toFigures(figuresOf(bySlot.get(at) ?? [])),
    usage: toWireUsage(usage.get(at) ?? NO_USAGE),
  }));
}

export function usageOf(costs: readonly CostSum[]): z.infer<typeof UsageSchema> {
  return toWireUsage(costs.map(({ usage }) => usage).reduce(addUsage, NO_USAGE));
}

export function costPointsOf(costs: readonly CostSum[]): z.infer<typeof Point>[] {
  return costs.map(({ slotAt, usage }) => ({ at: toInstant(slotAt!), ...toWireUsage(usage) }));
}
