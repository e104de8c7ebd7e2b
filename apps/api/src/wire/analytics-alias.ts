import { z } from 'zod';
import type { CostsReply, SummaryReply } from './analytics.js';

const MICROS = 1_000_000;

export const FlatSummaryReply = z.object({
  total_workflows: z.int().describe('Runs that ended in the period.'),
  success_rate: z.number().nullable(),
  avg_execution_time: z.number().nullable().describe('Seconds.'),
  total_cost: z.number().describe('In the currency of the price table.'),
});
export type FlatSummaryReply = z.infer<typeof FlatSummaryReply>;

export const FlatWorkflowsReply = z.object({
  active_workflows: z.int(),
  completed_workflows: z.int(),
  recent_24h: z.int().describe('Runs that ended in the last 24 hours.'),
  recent_task_ids: z.array(z.string()).describe('Of the newest runs: their tasks, or themselves.'),
});
export type FlatWorkflowsReply = z.infer<typeof FlatWorkflowsReply>;

export const FlatCostsReply = z.object({
  total_cost_usd: z.number().describe('In the currency of the price table.'),
  average_cost_usd: z.number(),
  workflow_count: z.int(),
});
export type FlatCostsReply = z.infer<typeof FlatCostsReply>;

export function toFlatSummary({ runs, success_rate, duration_ms, usage }: SummaryReply): FlatSummaryReply {
  return {
    ...{ total_workflows: runs.ended, success_rate },
    avg_execution_time: duration_ms === null ? null : duration_ms.mean / 1_000,
    total_cost: usage.cost_micros / MICROS,
  };
}

export function toFlatCosts({ total, average_cost_micros, runs }: CostsReply): FlatCostsReply {
  return {
    total_cost_usd: total.cost_micros / MICROS,
    average_cost_usd: average_cost_micros / MICROS,
    workflow_count: runs,
  };
}
