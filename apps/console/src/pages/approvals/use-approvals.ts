import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { toQuery, type ApprovalFilters } from './approval-filters.js';

const PAGE = 100;
const REFRESH_MS = 5_000;
/** A history that somebody has scrolled down stays as it is: all of its pages would have to be read again. */
const REFRESHED_PAGES = 3;

/** Approvals page by page. Open ones follow what happens at once, others every few seconds. */
export function useApprovals(filters: ApprovalFilters) {
  const query = toQuery(filters);
  const isOpen = filters.status === 'open';
  return useInfiniteQuery({
    queryKey: [isOpen ? 'approvals' : 'past-approvals', query],
    queryFn: ({ pageParam: cursor }) =>
      api
        .GET('/api/v1/approvals', { params: { query: { ...query, limit: PAGE, ...(cursor !== null && { cursor }) } } })
        .then(unwrap),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (!isOpen && (state.data?.pages.length ?? 0) <= REFRESHED_PAGES ? REFRESH_MS : false),
  });
}
