import type { EventDraft } from './journal-event.js';
import { readStepUsage, type StepUsage, type Usage } from './usage.js';

/** By what usage is summed. `day`: of UTC. */
export const USAGE_DIMENSIONS = ['day', 'workflow', 'run', 'node', 'agent', 'model'] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** What an event adds to the sums of its run. */
export interface UsageChange {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly nodeId: string;
  readonly usage: StepUsage;
}

/** The sums are a view of the journal, kept in the commits that write it: nothing counts twice, and nothing that is journaled is left out. */
export function usageChanges(events: readonly EventDraft[]): UsageChange[] {
  return events.flatMap((event): UsageChange[] => {
    if (event.type !== 'step.completed' || event.payload.usage === undefined) return [];
    return [{ day: dayOf(event.at), nodeId: event.nodeId!, usage: readStepUsage(event.payload.usage) }];
  });
}

/** The day of UTC in which an instant falls: `YYYY-MM-DD`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export interface UsageQuery {
  readonly tenantId: string;
  /** First and last day, as {@link dayOf} gives them. */
  readonly from: string;
  readonly to: string;
  /** Each at most once; none: one sum of all. */
  readonly groupBy: readonly UsageDimension[];
  readonly workflowId?: string;
  readonly runId?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly limit: number;
}

export interface UsageSum {
  /** Its value in each dimension that was asked for. */
  readonly group: Partial<Record<UsageDimension, string>>;
  /** Where it is grouped by workflow. */
  readonly workflowName?: string;
  readonly usage: Usage;
}

/** Reads what calls of models have used. */
export abstract class UsageStore {
  /** Sums by day first, where days are told apart, then what costs most, then what has most tokens. Without usage: none. */
  abstract sum(query: UsageQuery): Promise<UsageSum[]>;
}
