import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { IconChecklist, IconPlus, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import type { TasksListResponse } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { PrefixFilter } from '../../components/prefix-filter.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { useAddress } from '../../components/use-address.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { NewTask } from './new-task.js';

type Task = TasksListResponse['items'][number];

const STATUSES = ['pending', 'running', 'done', 'failed', 'cancelled'] as const;
const PAGE = 100;

const COLUMNS: readonly Column<Task>[] = [
  {
    key: 'title',
    title: 'Task',
    width: 'minmax(0, 3fr)',
    render: ({ title }) => (
      <Text fw={550} size="sm" truncate="end">
        {title}
      </Text>
    ),
  },
  { key: 'status', title: 'Status', width: '140px', render: ({ status }) => <StatusBadge status={status} /> },
  { key: 'id', title: 'Id', width: '120px', render: ({ id }) => <span className="mono">{id.slice(-12)}</span> },
  { key: 'updated', title: 'Changed', width: '110px', render: ({ updated_at: at }) => <TimeAgo at={at} /> },
  { key: 'created', title: 'Created', width: '110px', render: ({ created_at: at }) => <TimeAgo at={at} /> },
];

/** All tasks, newest first, and the way to a new one. */
export function TasksPage() {
  useLiveTopic('tasks');
  const mayCreate = useMay('POST /api/v1/tasks');
  const [isNew, { open, close }] = useDisclosure(false);
  const [address, change] = useAddress();
  const status = STATUSES.find((one) => one === address.get('status'));
  const prefix = address.get('title') ?? '';
  const filters = { ...(status !== undefined && { status }), ...(prefix !== '' && { title_prefix: prefix }) };
  const { data, error, isPending, fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ['tasks', filters],
    queryFn: ({ pageParam: cursor }) => {
      const query = { ...filters, limit: PAGE, ...(cursor !== null && { cursor }) };
      return api.GET('/api/v1/tasks', { params: { query } }).then(unwrap);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  const tasks = data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = status !== undefined || prefix !== '';
  const create = mayCreate && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      New task
    </Button>
  );
  return (
    <>
      <PageHeader title="Tasks" description="Pieces of work. Each has at most one live run." actions={create} />
      <Group mb="md" gap="sm">
        <SegmentedControl
          aria-label="Status"
          size="xs"
          value={status ?? 'all'}
          onChange={(value) => change({ status: value === 'all' ? null : value })}
          data={['all', ...STATUSES].map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }))}
          style={{ maxWidth: '100%', overflowX: 'auto' }}
        />
        <PrefixFilter label="Title begins with" initial={prefix} onChange={(title) => change({ title })} />
      </Group>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <RowSkeletons />}
      {data !== undefined && tasks.length === 0 && <Nothing isFiltered={isFiltered} create={create} />}
      {tasks.length > 0 && (
        <VirtualTable
          label="Tasks"
          rows={tasks}
          columns={COLUMNS}
          rowKey={({ id }) => id}
          rowHref={({ id }) => `/tasks/${id}`}
          rowLabel={({ title }) => title}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
      <NewTask opened={isNew} onClose={close} />
    </>
  );
}

function Nothing({ isFiltered, create }: { isFiltered: boolean; create: ReactNode }) {
  if (isFiltered) {
    return (
      <EmptyState icon={IconSearch} title="No task fits">
        Choose another status, or another beginning of the title.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconChecklist} title="No tasks yet" action={create}>
      A task is a piece of work that you can run, watch and run again. Its history stays.
    </EmptyState>
  );
}
