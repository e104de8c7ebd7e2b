import type { RunStatus, TerminalRunStatus } from './run.js';
import type { Usage } from './usage.js';

/** The spans of time by which figures are kept, of UTC. */
export const STATISTICS_SPANS = ['hour', 'day'] as const;
export type StatisticsSpan = (typeof STATISTICS_SPANS)[number];

export const SPAN_MS: Readonly<Record<StatisticsSpan, number>> = { hour: 3_600_000, day: 86_400_000 };

/** Runs of a tenant that ended in a period: from the start of a span to that of another, which is not in it. */
export interface StatisticsQuery {
  readonly tenantId: string;
  readonly span: StatisticsSpan;
  readonly from: number;
  readonly to: number;
  readonly workflowIds?: readonly string[];
}

/** By what sums are told apart beside how the runs ended. */
export type CountDimension = 'slot' | 'workflow' | 'band';
export type CostDimension = 'slot' | 'workflow' | 'agent' | 'model';

/** Runs that are alike in how they ended, and in what was asked for. */
export interface RunCount {
  /** The start of its span. */
  readonly slotAt?: number;
  readonly workflow?: { readonly id: string; readonly name: string };
  /** The band of its duration, see {@link BANDS_PER_E}; -1 for runs that did not complete. */
  readonly band?: number;
  readonly status: TerminalRunStatus;
  readonly runs: number;
  /** The sum of the durations of those that completed. */
  readonly totalMs: number;
}

/** What runs have used that are alike in what was asked for. */
export interface CostSum {
  readonly slotAt?: number;
  readonly workflow?: { readonly id: string; readonly name: string };
  readonly agent?: string;
  readonly model?: string;
  readonly usage: Usage;
}

/**
 * Figures of the runs that have ended: each counts in the span in which it ended, with all that it has used. What is not in the sums yet is
 * counted as it is read; a run that is deleted later remains in them.
 *
 * @throws BatonError `storage_unavailable`.
 */
export abstract class StatisticsStore {
  /** In the order of what is grouped by. */
  abstract counts(query: StatisticsQuery & { readonly groupBy: readonly CountDimension[] }): Promise<RunCount[]>;
  /** The workflows of which most runs ended, those first. */
  abstract busiest(query: StatisticsQuery & { readonly limit: number }): Promise<string[]>;
  /** By slot first, where slots are told apart, then what costs most, then what has most tokens. */
  abstract costs(
    query: StatisticsQuery & { readonly groupBy: readonly CostDimension[]; readonly limit: number },
  ): Promise<CostSum[]>;
  /** How many runs are live now, by status: those without any are left out. */
  abstract live(tenantId: string, workflowId?: string): Promise<Partial<Record<RunStatus, number>>>;
}
