import { Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { RowButton } from '../../components/row-button.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import type { ApprovalFilters } from './approval-filters.js';
import { outcomeOf, questionOf, type Approval } from './approval-words.js';
import { useApprovals } from './use-approvals.js';

interface HistoryProps {
  filters: ApprovalFilters;
  onOpen: (id: string) => void;
}

/** What waits no more: what was asked, who decided it how, when and with what comment. */
export function History({ filters, onOpen }: HistoryProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useApprovals(filters);
  const approvals = data?.pages.flatMap(({ items }) => items);
  const readMore = (): void => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  return (
    <>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {approvals === undefined && error === null && <RowSkeletons />}
      {approvals?.length === 0 && <Nothing filters={filters} />}
      {approvals !== undefined && approvals.length > 0 && (
        <VirtualTable
          label={filters.status === 'decided' ? 'Decided approvals' : 'Approvals that nobody decided'}
          rows={approvals}
          columns={columnsFor(filters.status === 'decided', onOpen)}
          rowKey={({ id }) => id}
          onEnd={readMore}
        />
      )}
    </>
  );
}

function columnsFor(isDecided: boolean, onOpen: (id: string) => void): Column<Approval>[] {
  const asked: Column<Approval> = {
    key: 'asked',
    title: 'Asked',
    width: '112px',
    align: 'right',
    render: ({ requested_at: at }) => <TimeAgo at={at} />,
  };
  const decided: Column<Approval>[] = [
    { key: 'by', title: 'By', width: 'minmax(0, 120px)', render: ({ decided_by: by }) => <Name text={by} /> },
    { key: 'comment', title: 'Comment', width: 'minmax(0, 1fr)', render: ({ comment }) => <Name text={comment} /> },
    { key: 'decided', title: 'Decided', width: '112px', align: 'right', render: ({ decided_at: at }) => <TimeAgo at={at} /> },
  ];
  const due: Column<Approval> = {
    key: 'due',
    title: 'Was due',
    width: '144px',
    align: 'right',
    render: ({ due_at: at }) => (at === null ? <span>no deadline</span> : <TimeAgo at={at} />),
  };
  return [
    {
      key: 'what',
      title: 'What was asked',
      width: 'minmax(0, 1.4fr)',
      render: (approval) => (
        <RowButton
          title={questionOf(approval)}
          detail={`${approval.node_id} · ${approval.run_id.slice(-8)}`}
          onClick={() => onOpen(approval.id)}
        />
      ),
    },
    { key: 'outcome', title: 'Outcome', width: '128px', render: (approval) => <StatusBadge status={outcomeOf(approval)} /> },
    ...(isDecided ? decided : [due, asked]),
  ];
}

function Name({ text }: { text: string | null }) {
  return (
    text !== null && (
      <Text size="sm" lineClamp={2} lh={1.35} title={text}>
        {text}
      </Text>
    )
  );
}

function Nothing({ filters: { status, role, age } }: { filters: ApprovalFilters }) {
  const isFiltered = role !== undefined || age !== undefined;
  const title = isFiltered ? 'None fits' : status === 'decided' ? 'Nothing has been decided yet' : 'Nothing was left undecided';
  return (
    <EmptyState icon={IconHistory} title={title}>
      {isFiltered
        ? 'Choose another role or time to see others.'
        : status === 'decided'
          ? 'Approvals that somebody approves or rejects are listed here, with who did and why.'
          : 'Approvals whose deadline passes, or whose run ends first, are listed here.'}
    </EmptyState>
  );
}
