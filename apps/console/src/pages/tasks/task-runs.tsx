import { Anchor, Button, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { AppLink } from '../../components/app-link.js';
import { Duration } from '../../components/duration.js';
import { ErrorState } from '../../components/error-state.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import styles from './timeline.module.css';

const PAGE = 10;

/** The runs of a task, newest first; one of them is shown in the timeline. */
export function TaskRuns({ taskId, shown }: { taskId: string; shown: string | null }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['runs', { task_id: taskId }],
    queryFn: ({ pageParam: cursor }) => {
      const query = { task_id: taskId, limit: PAGE, ...(cursor !== null && { cursor }) };
      return api.GET('/api/v1/runs', { params: { query } }).then(unwrap);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
  });
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  const runs = data?.pages.flatMap(({ items }) => items);
  if (runs?.length === 0) return <Text c="dimmed">None yet.</Text>;
  return (
    <>
      <ol className={styles.rows}>
        {runs?.map((run) => (
          <li key={run.id} data-shown={run.id === shown || undefined}>
            <Anchor
              component={AppLink}
              href={`/tasks/${taskId}?run=${run.id}`}
              size="sm"
              className="mono"
              aria-current={run.id === shown ? 'true' : undefined}
            >
              {run.id.slice(-12)}
            </Anchor>
            <StatusBadge status={run.status} />
            <Text size="xs" c="dimmed" ms="auto">
              <TimeAgo at={run.created_at} />
              {run.finished_at !== null && (
                <>
                  {' · '}
                  <Duration ms={Date.parse(run.finished_at) - Date.parse(run.created_at)} />
                </>
              )}
            </Text>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Earlier runs
        </Button>
      )}
    </>
  );
}
