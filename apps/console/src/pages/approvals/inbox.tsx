import { Button, Stack } from '@mantine/core';
import { IconInboxOff, IconMoodHappy } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '../../api/use-may.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { ApprovalCard } from './approval-card.js';
import type { ApprovalFilters } from './approval-filters.js';
import { byDeadline } from './approval-words.js';
import { SelectionBar } from './selection-bar.js';
import { useApprovals } from './use-approvals.js';

interface InboxProps {
  filters: ApprovalFilters;
  onOpen: (id: string) => void;
}

/** What waits for people, and the way to decide it. */
export function Inbox({ filters, onOpen }: InboxProps) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useApprovals(filters);
  const mayDecide = useMay('POST /api/v1/approvals/{id}/decide');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const listed = data?.pages.flatMap(({ items }) => items) ?? [];
  const approvals = filters.isByDeadline ? listed.toSorted(byDeadline) : listed;
  const chosen = approvals.filter(({ id, may_decide: isMine }) => isMine && selected.has(id));
  const select = (id: string, isOn: boolean): void => {
    const next = new Set(selected);
    if (isOn) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  return (
    <>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <RowSkeletons rows={4} height={88} />}
      {data !== undefined && approvals.length === 0 && <Nothing filters={filters} />}
      <Stack gap={8} component="ul" m={0} p={0} aria-label="Open approvals" style={{ listStyle: 'none' }}>
        {approvals.map((approval) => (
          <ApprovalCard
            key={approval.id}
            approval={approval}
            mayDecide={mayDecide}
            isSelected={selected.has(approval.id)}
            onSelect={(isOn) => select(approval.id, isOn)}
            onOpen={() => onOpen(approval.id)}
          />
        ))}
      </Stack>
      {hasNextPage && (
        <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      {mayDecide && chosen.length > 0 && <SelectionBar approvals={chosen} onClear={() => setSelected(new Set())} />}
    </>
  );
}

function Nothing({ filters: { role, age } }: { filters: ApprovalFilters }) {
  if (role !== undefined || age !== undefined) {
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
