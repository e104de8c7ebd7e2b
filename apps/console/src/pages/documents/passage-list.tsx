import { Button, Group, Skeleton, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, unwrap } from '../../api/client.js';
import { ErrorState } from '../../components/error-state.js';
import { withoutLayout } from '../../components/passage-text.js';
import styles from './documents.module.css';

const PAGE = 25;
/** So many passages before the one that is wanted, to read it in its place. */
const BEFORE = 2;

interface PassageListProps {
  documentId: string;
  count: number;
  wanted: number | null;
}

/** A document as searches see it, from a little before the passage that is wanted on. */
export function PassageList({ documentId, count, wanted }: PassageListProps) {
  const begin = Math.max(0, (wanted ?? 0) - BEFORE);
  const { data, error, refetch, hasNextPage, fetchNextPage, hasPreviousPage, fetchPreviousPage } = useInfiniteQuery({
    queryKey: ['documents', 'passages', documentId, begin],
    queryFn: ({ pageParam: { from, limit } }) =>
      api.GET('/api/documents/{id}/passages', { params: { path: { id: documentId }, query: { from, limit } } }).then(unwrap),
    initialPageParam: { from: begin, limit: PAGE },
    getNextPageParam: ({ next_from: from }) => (from === null ? null : { from, limit: PAGE }),
    getPreviousPageParam: (_page, _pages, { from }) =>
      from === 0 ? null : { from: Math.max(0, from - PAGE), limit: Math.min(PAGE, from) },
  });
  const shown = useRef<HTMLLIElement>(null);
  const isThere = data !== undefined;
  useEffect(() => {
    if (isThere) shown.current?.scrollIntoView({ block: 'center' });
  }, [isThere, wanted]);
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  const passages = data?.pages.flatMap(({ items }) => items);
  return (
    <section aria-label="Passages">
      <Group justify="space-between" mb="xs">
        <Title order={3}>Passages</Title>
        {hasPreviousPage && (
          <Button variant="subtle" size="compact-xs" onClick={() => void fetchPreviousPage()}>
            Show earlier ones
          </Button>
        )}
      </Group>
      {passages === undefined ? (
        <Skeleton height={200} radius="md" />
      ) : (
        <ol className={styles.passages}>
          {passages.map(({ chunk_id: id, index, text }) => (
            <li
              key={id}
              ref={index === wanted ? shown : undefined}
              className={styles.passage}
              data-wanted={index === wanted || undefined}
            >
              <span className={styles['passage-number']}>
                {index + 1} of {count}
              </span>
              <p className={styles.text}>{withoutLayout(text)}</p>
            </li>
          ))}
        </ol>
      )}
      {passages?.length === 0 && <Text c="dimmed">It has none.</Text>}
      {hasNextPage && (
        <Button variant="default" size="xs" mt="sm" onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </section>
  );
}
