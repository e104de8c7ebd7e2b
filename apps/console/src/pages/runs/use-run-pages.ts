import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import type { RunsQuery } from './run-filters.js';
import { anchorOf, earlier, mergeRows, type RunPage } from './run-pages.js';
import type { RunRow } from './run-types.js';

const PAGE = 50;
/** So many runs that have come since the list was opened stand above it; where there are more, it is to be opened anew. */
const NEWER = 200;

const readPage = (query: RunsQuery, limit = PAGE): Promise<RunPage> =>
  api.GET('/api/v1/runs', { params: { query: { ...query, why: 'true', limit } } }).then(unwrap);

export interface RunPages {
  rows: readonly RunRow[];
  isPending: boolean;
  error: unknown;
  /** More runs have come than stand above the list. */
  isOutdated: boolean;
  hasMore: boolean;
  loadMore: () => void;
  /** Says which rows are looked at: of the pages, only theirs are read again when something changes. */
  look: (first: number, last: number) => void;
  reopen: () => void;
}

/** Runs, newest first. The pages are those of the moment at which the list was opened, so that none of them moves; what has come since stands above. */
export function useRunPages(query: RunsQuery): RunPages {
  const [opening, setOpening] = useState(0);
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [[from, to], setInView] = useState<readonly [number, number]>([0, 0]);
  const first = useQuery({
    queryKey: ['runs-opened', query, opening],
    queryFn: () => readPage(query),
    ...{ staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, placeholderData: keepPreviousData },
  });
  const openedAt = first.data === undefined ? undefined : anchorOf(first.data);
  const newer = useQuery({
    queryKey: ['runs', query, openedAt, 'newer'],
    queryFn: () => readPage({ ...query, created_after: openedAt! }, NEWER),
    enabled: openedAt !== undefined && query.created_before === undefined,
    staleTime: 0,
  });
  const until = openedAt === undefined ? query.created_before : earlier(openedAt, query.created_before);
  const { pages, error } = useQueries({
    queries: ['', ...cursors].map((cursor, index) => ({
      queryKey: ['runs', query, until, cursor],
      queryFn: () => readPage({ ...query, created_before: until!, ...(cursor !== '' && { cursor }) }),
      enabled: until !== undefined && (index === cursors.length || (index >= from && index <= to)),
      ...(cursor === '' && first.data !== undefined && { initialData: first.data, initialDataUpdatedAt: first.dataUpdatedAt }),
    })),
    combine,
  });

  const rows = useMemo(() => mergeRows([newer.data, ...pages]), [newer.data, pages]);
  const next = pages.at(-1)?.next_cursor ?? null;
  const loadMore = useCallback(() => {
    if (next !== null) setCursors((known) => (known.at(-1) === next ? known : [...known, next]));
  }, [next]);
  const above = newer.data?.items.length ?? 0;
  // Rows that stand on two pages are shown once: a page to either side makes up for it.
  const look = useCallback(
    (top: number, bottom: number) => setInView([Math.floor((top - above) / PAGE) - 1, Math.floor((bottom - above) / PAGE) + 1]),
    [above],
  );
  const reopen = useCallback(() => {
    setCursors([]);
    setOpening((before) => before + 1);
  }, []);
  const isOutdated = (newer.data?.next_cursor ?? null) !== null;
  return {
    rows,
    isPending: first.isPending,
    error: first.error ?? error,
    isOutdated,
    hasMore: next !== null,
    loadMore,
    look,
    reopen,
  };
}

function combine(results: UseQueryResult<RunPage>[]): { pages: (RunPage | undefined)[]; error: Error | null } {
  return { pages: results.map(({ data }) => data), error: results.find(({ isError }) => isError)?.error ?? null };
}
