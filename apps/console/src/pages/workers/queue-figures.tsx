import { SimpleGrid, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { deadLettersQuery } from '../../api/queries.js';
import type { Capacity, Worker } from '../../api/types.js';
import { Duration } from '../../components/duration.js';
import { StatCard } from '../../components/stat-card.js';

/** The figures of the queue as a whole. */
export function QueueFigures({ capacity, workers }: { capacity: Capacity | undefined; workers: readonly Worker[] | undefined }) {
  const live = workers?.filter((worker) => worker.live).length;
  const gone = (workers?.length ?? 0) - (live ?? 0);
  const { data: letters } = useInfiniteQuery(deadLettersQuery('open'));
  const active = capacity?.active_runs ?? null;
  const failed = letters?.pages[0];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <StatCard
        label="Live workers"
        value={orSkeleton(live)}
        hint={gone === 0 ? 'none was lost lately' : `${gone} gone lately`}
      />
      <StatCard
        label="In work"
        value={orSkeleton(capacity && (active?.used ?? '–'))}
        hint={active === null ? 'the queue does not say' : `of ${active.limit.toLocaleString('en')} runs at once`}
      />
      <StatCard
        label="Queued"
        value={orSkeleton(capacity?.backlog.used)}
        hint={<OldestDue capacity={capacity} />}
        href="/runs?status=queued"
      />
      <StatCard
        label="Failed for good"
        value={orSkeleton(failed && `${failed.items.length}${failed.next_cursor === null ? '' : '+'}`)}
        hint="dead letters to look after"
        href="/dead-letters"
      />
    </SimpleGrid>
  );
}

/** How long the run that waits longest has been due. */
function OldestDue({ capacity }: { capacity: Capacity | undefined }) {
  if (capacity === undefined) return '\u00a0';
  if (capacity.oldest_due_at === null) return 'none is due';
  return (
    <>
      due for <Duration since={capacity.oldest_due_at} />
    </>
  );
}

function orSkeleton(value: ReactNode): ReactNode {
  return value ?? <Skeleton width={64} height={28} mt={4} />;
}
