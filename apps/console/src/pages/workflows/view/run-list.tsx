import { Button, Skeleton } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { AppLink } from '../../../components/app-link.js';
import { Duration } from '../../../components/duration.js';
import { EmptyState } from '../../../components/empty-state.js';
import { ErrorState } from '../../../components/error-state.js';
import { StatusBadge } from '../../../components/status-badge.js';
import { TimeAgo } from '../../../components/time-ago.js';
import { VirtualTable, type Column } from '../../../components/virtual-table.js';
import { lastRunsQuery, type RunSummary } from '../workflow-queries.js';

const SHOWN = 50;

const COLUMNS: readonly Column<RunSummary>[] = [
  { key: 'run', title: 'Run', render: ({ id }) => <span className="mono">{id.slice(-12)}</span> },
  { key: 'status', title: 'Status', width: '140px', render: ({ status }) => <StatusBadge status={status} /> },
  {
    key: 'version',
    title: 'Version',
    width: '72px',
    align: 'right',
    render: ({ workflow }) => <span className="figures">{workflow.version}</span>,
  },
  { key: 'started', title: 'Started', width: '120px', render: ({ created_at: at }) => <TimeAgo at={at} /> },
  { key: 'took', title: 'Took', width: '96px', align: 'right', render: (run) => <Took {...run} /> },
];

/** The last runs of a workflow. `onRun` null: who looks may start none. */
export function RunList({ workflow, onRun }: { workflow: string; onRun: (() => void) | null }) {
  const { data, error, refetch } = useQuery(lastRunsQuery(workflow, SHOWN));
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton h={240} />;
  if (data.items.length === 0) {
    return (
      <EmptyState
        icon={IconPlayerPlay}
        title="It has never run"
        action={
          onRun !== null && (
            <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={onRun}>
              Run
            </Button>
          )
        }
      >
        {onRun === null
          ? 'Once somebody has started it, its runs are listed here.'
          : 'Start it with an input, and watch it here.'}
      </EmptyState>
    );
  }
  return (
    <>
      <VirtualTable
        label="Runs"
        rows={data.items}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        rowHref={({ id }) => `/runs/${id}`}
        rowLabel={({ id }) => `Open the run ${id}`}
      />
      <AppLink href={`/runs?workflow=${encodeURIComponent(workflow)}`} style={{ display: 'inline-block', marginBlockStart: 12 }}>
        All runs of it
      </AppLink>
    </>
  );
}

function Took({ started_at: startedAt, finished_at: finishedAt }: RunSummary) {
  if (startedAt === null) return '–';
  if (finishedAt === null) return <Duration since={Date.parse(startedAt)} />;
  return <Duration ms={Date.parse(finishedAt) - Date.parse(startedAt)} />;
}
