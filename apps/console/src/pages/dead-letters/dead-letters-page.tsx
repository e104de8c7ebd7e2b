import { Group, SegmentedControl, TextInput } from '@mantine/core';
import { IconCircleCheck, IconFilter, IconInbox } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deadLettersQuery, type DeadLetterStatus } from '../../api/queries.js';
import type { DeadLetter } from '../../api/types.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { VirtualTable } from '../../components/virtual-table.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { BulkActions } from './bulk-actions.js';
import { columnsFor } from './columns.js';
import { LetterDrawer } from './letter-drawer.js';

const STATUSES: { value: DeadLetterStatus; label: string }[] = [
  { value: 'open', label: 'Open' },
  { value: 'replayed', label: 'Replayed' },
  { value: 'discarded', label: 'Discarded' },
];

/** What failed for good: to look at, to replay, or to put aside. */
export function DeadLettersPage() {
  useLiveTopic('runs');
  const [status, setStatus] = useState<DeadLetterStatus>('open');
  const [text, setText] = useState('');
  const [openId, setOpenId] = useState<string | null>(null);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(deadLettersQuery(status));
  const all = data?.pages.flatMap(({ items }) => items);
  const letters = all?.filter((letter) => fits(letter, text));
  const readMore = (): void => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  return (
    <>
      <PageHeader
        title="Dead letters"
        description="What failed for good, after all its retries"
        actions={status === 'open' && all !== undefined && all.length > 0 && <BulkActions />}
      />
      <Group mb="md" gap="sm">
        <SegmentedControl data={STATUSES} value={status} onChange={setStatus} aria-label="Status" />
        <TextInput
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          leftSection={<IconFilter size={16} />}
          placeholder="Workflow, step or error"
          aria-label="Filter by workflow, step or error"
          w={{ base: '100%', xs: 260 }}
        />
      </Group>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {letters === undefined && error === null && <RowSkeletons />}
      {letters?.length === 0 && <NoLetters status={status} isFiltered={text !== ''} />}
      {letters !== undefined && letters.length > 0 && (
        <VirtualTable
          label="Dead letters"
          rows={letters}
          columns={columnsFor(setOpenId)}
          rowKey={({ id }) => id}
          onEnd={readMore}
        />
      )}
      <LetterDrawer id={openId} onClose={() => setOpenId(null)} />
    </>
  );
}

function fits({ workflow, node_id: node, error, id }: DeadLetter, text: string): boolean {
  const all = `${workflow.name} ${node ?? ''} ${error.code} ${error.message} ${id}`.toLowerCase();
  return all.includes(text.trim().toLowerCase());
}

function NoLetters({ status, isFiltered }: { status: DeadLetterStatus; isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={IconFilter} title="None fits">
        Another word, or another status, may find it.
      </EmptyState>
    );
  }
  if (status === 'open') {
    return (
      <EmptyState icon={IconCircleCheck} title="Nothing has failed for good">
        Runs and steps that fail after all their retries are kept here, until you replay or discard them.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconInbox} title={`None was ${status}`}>
      Letters that you {status === 'replayed' ? 'replay' : 'discard'} are listed here.
    </EmptyState>
  );
}
