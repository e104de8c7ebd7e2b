import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLiveClient, useLiveState } from './live-provider.js';
import type { LiveTopic } from './protocol.js';

/** The queries that a change of a topic makes old. */
const QUERIES: Record<LiveTopic, { lists: readonly string[]; one: string | null }> = {
  runs: { lists: ['runs', 'dead-letters', 'analytics', 'capacity'], one: 'run' },
  approvals: { lists: ['approvals'], one: null },
  tasks: { lists: ['tasks'], one: 'task' },
  workers: { lists: ['workers', 'capacity'], one: null },
};
const PAUSE_MS = 1_000;
/** How often the API is asked while the live connection is away. */
const POLL_MS = 5_000;

/** Asks again for what is shown of a topic when something of it changes, at most once a second. */
export function useLiveTopic(topic: LiveTopic): void {
  const queries = useQueryClient();
  const live = useLiveClient();
  const isLive = useLiveState() === 'live';
  useEffect(() => {
    const invalidate = collect((ids) => invalidateTopic(queries, topic, ids));
    const end = live.followTopic(topic, invalidate.add);
    return () => {
      end();
      invalidate.stop();
    };
  }, [live, queries, topic]);
  useEffect(() => {
    if (isLive) return undefined;
    const timer = setInterval(() => invalidateTopic(queries, topic, null), POLL_MS);
    return () => clearInterval(timer);
  }, [isLive, queries, topic]);
}

function invalidateTopic(queries: QueryClient, topic: LiveTopic, ids: readonly string[] | null): void {
  const { lists, one } = QUERIES[topic];
  for (const list of lists) void queries.invalidateQueries({ queryKey: [list] });
  if (one === null) return;
  if (ids === null) void queries.invalidateQueries({ queryKey: [one] });
  else for (const id of ids) void queries.invalidateQueries({ queryKey: [one, id] });
}

/** Gathers ids: the first call acts at once, the others a while later, together. */
function collect(act: (ids: readonly string[] | null) => void) {
  let gathered: Set<string> | null | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    if (gathered === undefined) return;
    const ids = gathered === null ? null : [...gathered];
    gathered = undefined;
    timer = setTimeout(flush, PAUSE_MS);
    act(ids);
  };
  return {
    add: (ids: readonly string[] | null): void => {
      gathered = ids === null || gathered === null ? null : new Set([...(gathered ?? []), ...ids]);
      if (timer === undefined) flush();
    },
    stop: (): void => clearTimeout(timer),
  };
}
