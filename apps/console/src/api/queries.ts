import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client.js';
import { toProblemError } from './problem.js';
import { ME_KEY } from './query-client.js';
import type { HealthDeepResponse } from './schema.js';

const HEALTH_EVERY_MS = 15_000;
const CAPACITY_EVERY_MS = 5_000;
const ME_EVERY_MS = 60_000;
const PAGE = 100;

/** Who the API takes this browser for, and what it lets it do. A role may change at any time. */
export const meQuery = queryOptions({
  queryKey: ME_KEY,
  queryFn: () => api.GET('/api/v1/me').then(unwrap),
  staleTime: ME_EVERY_MS,
  refetchInterval: ME_EVERY_MS,
});

/** Limits, what is used of them, and what waits. It tells of Redis, too, so it is asked now and then. */
export const capacityQuery = queryOptions({
  queryKey: ['capacity'],
  queryFn: () => api.GET('/api/v1/workflow-capacity').then(unwrap),
  refetchInterval: CAPACITY_EVERY_MS,
});

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: () => api.GET('/api/v1/workers').then(unwrap),
  refetchInterval: CAPACITY_EVERY_MS,
});

/** Open approvals, what has waited longest first. */
export const approvalsQuery = queryOptions({
  queryKey: ['approvals', 'open'],
  queryFn: () => api.GET('/api/v1/approvals', { params: { query: { limit: PAGE } } }).then(unwrap),
});

/** The newest runs. */
export const recentRunsQuery = queryOptions({
  queryKey: ['runs', 'recent'],
  queryFn: () => api.GET('/api/v1/runs', { params: { query: { limit: PAGE } } }).then(unwrap),
});

export type DeadLetterStatus = 'open' | 'replayed' | 'discarded';

/** Dead letters by page, newest first. */
export function deadLettersQuery(status: DeadLetterStatus) {
  return infiniteQueryOptions({
    queryKey: ['dead-letters', status],
    queryFn: ({ pageParam: cursor }) => {
      const query = { status, limit: PAGE, ...(cursor !== null && { cursor }) };
      return api.GET('/api/v1/dead-letters', { params: { query } }).then(unwrap);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: next }) => next,
    placeholderData: keepPreviousData,
  });
}

/** One with what its run was started with. */
export function deadLetterQuery(id: string) {
  return queryOptions({
    queryKey: ['dead-letters', 'one', id],
    queryFn: () => api.GET('/api/v1/dead-letters/{id}', { params: { path: { id } } }).then(unwrap),
  });
}

export type Health = Omit<HealthDeepResponse, 'status'> & { status: 'ok' | 'degraded' | 'unhealthy' };

/** Every part of the process that answers, also where one does not work, which the API says with a problem. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async (): Promise<Health> => {
    try {
      return await api.GET('/health/deep').then(unwrap);
    } catch (error) {
      const { code, ...problem } = toProblemError(error);
      if (code !== 'unhealthy') throw error;
      const { parts, warnings } = problem as unknown as HealthDeepResponse;
      return { status: 'unhealthy', parts, warnings };
    }
  },
  refetchInterval: HEALTH_EVERY_MS,
});
