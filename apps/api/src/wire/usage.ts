import { z } from 'zod';
import {
  dayOf,
  NameSchema,
  NO_USAGE,
  toWireUsage,
  USAGE_DIMENSIONS,
  UsageSchema,
  type UsageDimension,
  type UsageSum,
} from '@baton/core';
import { Limit } from './page.js';

/** Days that are looked at where nothing else is asked for. */
const DAYS_SHOWN = 30;
const DAY_MS = 86_400_000;

const GroupBy = z
  .string()
  .max(100)
  .default('day,model')
  .transform((text, context): UsageDimension[] => {
    const names = new Set(text.split(',').filter((name) => name !== ''));
    const known = USAGE_DIMENSIONS.filter((dimension) => names.delete(dimension));
    if (names.size === 0) return known;
    context.addIssue({ code: 'custom', message: `must be a list of ${USAGE_DIMENSIONS.join(', ')}, separated by commas` });
    return z.NEVER;
  });

export const UsageQuery = z.strictObject({
  from: z.iso.date().optional().describe('The first day, of UTC; 30 days when absent.'),
  to: z.iso.date().optional().describe('The last day; today when absent.'),
  group_by: GroupBy.describe(`Any of ${USAGE_DIMENSIONS.join(', ')}; empty: one sum of all.`),
  workflow: NameSchema.optional().describe('Its id or name.'),
  run_id: z.string().min(1).max(64).optional(),
  agent: z.string().min(1).max(64).optional(),
  model: z.string().min(1).max(200).optional().describe('`provider/model`.'),
  limit: Limit,
});
export type UsageQuery = z.infer<typeof UsageQuery>;

const Sum = UsageSchema.extend({
  day: z.string().optional(),
  workflow: z.object({ id: z.string(), name: z.string() }).optional(),
  run_id: z.string().optional(),
  node_id: z.string().optional(),
  agent: z.string().optional(),
  model: z.string().optional(),
});

export const UsageReply = z.object({
  from: z.string(),
  to: z.string(),
  items: z.array(Sum).describe('By day where days are told apart, then what costs most.'),
  truncated: z.boolean().describe('There are more than `limit`: narrow the question.'),
  total: UsageSchema.describe('Of all that the question covers, also of what is not listed.'),
});
export type UsageReply = z.infer<typeof UsageReply>;

/** The days that a question covers. */
export function periodOf({ from, to }: UsageQuery, now: number): { from: string; to: string } {
  const last = to ?? dayOf(now);
  return { from: from ?? dayOf(Date.parse(last) - (DAYS_SHOWN - 1) * DAY_MS), to: last };
}

export function toUsageReply(
  period: { from: string; to: string },
  sums: readonly UsageSum[],
  total: UsageSum | undefined,
  limit: number,
): UsageReply {
  return {
    ...period,
    items: sums.slice(0, limit).map(toSum),
    truncated: sums.length > limit,
    total: toWireUsage(total?.usage ?? NO_USAGE),
  };
}

function toSum({ group, workflowName, usage }: UsageSum): z.infer<typeof Sum> {
  const { day, workflow, run, node, agent, model } = group;
  return {
    ...(day !== undefined && { day }),
    ...(workflow !== undefined && { workflow: { id: workflow, name: workflowName! } }),
    ...(run !== undefined && { run_id: run }),
    ...(node !== undefined && { node_id: node }),
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
    ...toWireUsage(usage),
  };
}
