import { Button, Drawer, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { IconInboxOff, IconMoodHappy } from '@tabler/icons-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { useAddress } from '../../components/use-address.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { ApprovalCard } from './approval-card.js';
import { ApprovalDetail } from './approval-detail.js';
import { byDeadline } from './approval-words.js';
import { SelectionBar } from './selection-bar.js';

const ROLES = ['viewer', 'operator', 'admin'] as const;
const PAGE = 100;
const AGES = [
  { value: '3600', label: 'Longer than 1 hour' },
  { value: '86400', label: 'Longer than 1 day' },
  { value: '604800', label: 'Longer than 1 week' },
];

/** The inbox: what waits for people, and the way to decide it. */
export function ApprovalsPage() {
  useLiveTopic('approvals');
  const [address, change] = useAddress();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const role = ROLES.find((one) => one === address.get('role'));
  const age = AGES.find(({ value }) => value === address.get('age'))?.value;
  const isByDeadline = address.get('order') === 'deadline';
  const filters = { ...(role !== undefined && { role }), ...(age !== undefined && { older_than: Number(age) }) };
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['approvals', filters],
    queryFn: ({ pageParam: cursor }) => {
      const query = { ...filters, limit: PAGE, ...(cursor !== null && { cursor }) };
      return api.GET('/api/v1/approvals', { params: { query } }).then(unwrap);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  const listed = data?.pages.flatMap(({ items }) => items) ?? [];
  const approvals = isByDeadline ? listed.toSorted(byDeadline) : listed;
  const chosen = approvals.filter(({ id }) => selected.has(id));
  const select = (id: string, isOn: boolean): void => {
    const next = new Set(selected);
    if (isOn) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  const opened = address.get('approval');
  return (
    <>
      <PageHeader title="Approvals" description="What waits for people. A run that waits here costs nothing." />
      <Group mb="md" gap="sm">
        <SegmentedControl
          aria-label="Role"
          size="xs"
          value={role ?? 'all'}
          onChange={(value) => change({ role: value === 'all' ? null : value })}
          data={[
            { value: 'all', label: 'Every role' },
            ...ROLES.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) })),
          ]}
        />
        <Select
          aria-label="Has waited"
          placeholder="Any age"
          size="xs"
          w={180}
          clearable
          data={AGES}
          value={age ?? null}
          onChange={(value) => change({ age: value })}
        />
        <SegmentedControl
          aria-label="Order"
          size="xs"
          value={isByDeadline ? 'deadline' : 'age'}
          onChange={(value) => change({ order: value === 'age' ? null : value })}
          data={[
            { value: 'age', label: 'Longest wait first' },
            { value: 'deadline', label: 'Deadline first' },
          ]}
        />
      </Group>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <RowSkeletons rows={4} height={88} />}
      {data !== undefined && approvals.length === 0 && <Nothing isFiltered={role !== undefined || age !== undefined} />}
      <Stack gap={8} component="ul" m={0} p={0} aria-label="Open approvals" style={{ listStyle: 'none' }}>
        {approvals.map((approval) => (
          <ApprovalCard
            key={approval.id}
            approval={approval}
            isSelected={selected.has(approval.id)}
            onSelect={(isOn) => select(approval.id, isOn)}
            onOpen={() => change({ approval: approval.id })}
          />
        ))}
      </Stack>
      {hasNextPage && (
        <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      {chosen.length > 0 && <SelectionBar approvals={chosen} onClear={() => setSelected(new Set())} />}
      <Drawer opened={opened !== null} onClose={() => change({ approval: null })} position="right" size="lg" title="Approval">
        {opened !== null && <ApprovalDetail id={opened} onDone={() => change({ approval: null })} />}
      </Drawer>
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={IconInboxOff} title="Nothing of this kind waits">
        Choose another role or age to see what else does.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconMoodHappy} title="Nothing waits for you">
      When a run needs a decision, it appears here by itself.
    </EmptyState>
  );
}
