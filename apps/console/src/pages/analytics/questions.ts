import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { PERIODS, questionOf, type PeriodName } from './period.js';

/** The figures move while runs end; more often than this it is hard to look at, and costs the database more than it tells. */
const REFRESH_MS = 10_000;
const LISTED = 50;

export interface Scope {
  period: PeriodName;
  /** An id; null: all. */
  workflow: string | null;
}

const queryOf = ({ period, workflow }: Scope) => questionOf(PERIODS[period], workflow, Date.now());
const fetchSummary = (scope: Scope) => api.GET('/api/v1/analytics/summary', { params: { query: queryOf(scope) } }).then(unwrap);
const fetchWorkflows = (scope: Scope) =>
  api.GET('/api/v1/analytics/workflows', { params: { query: { ...queryOf(scope), limit: LISTED } } }).then(unwrap);
const fetchCosts = (scope: Scope) =>
  api.GET('/api/v1/analytics/costs', { params: { query: { ...queryOf(scope), limit: LISTED } } }).then(unwrap);

export type Summary = Awaited<ReturnType<typeof fetchSummary>>;
export type WorkflowFigures = Awaited<ReturnType<typeof fetchWorkflows>>['items'][number];
export type Costs = Awaited<ReturnType<typeof fetchCosts>>;

const options = { refetchInterval: REFRESH_MS, placeholderData: keepPreviousData };

export function useSummary(scope: Scope) {
  return useQuery({ queryKey: ['analytics', 'summary', scope], queryFn: () => fetchSummary(scope), ...options });
}

/** Of all workflows, whichever is chosen: who compares wants to see the others. */
export function useWorkflowFigures(period: PeriodName) {
  const scope = { period, workflow: null };
  return useQuery({ queryKey: ['analytics', 'workflows', period], queryFn: () => fetchWorkflows(scope), ...options });
}

export function useCosts(scope: Scope) {
  return useQuery({ queryKey: ['analytics', 'costs', scope], queryFn: () => fetchCosts(scope), ...options });
}
