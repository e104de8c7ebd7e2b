import { Button, Stack } from '@mantine/core';
import { IconExternalLink, IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { capacityQuery, workersQuery } from '../../api/queries.js';
import type { Worker } from '../../api/types.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { LoadMeter } from './load-meter.js';
import { QueueFigures } from './queue-figures.js';
import { Queues } from './queues.js';

const COLUMNS: readonly Column<Worker>[] = [
  {
    key: 'host',
    title: 'Worker',
    render: ({ host, pid }) => (
      <>
        {host} <span className="mono">{pid}</span>
      </>
    ),
  },
  { key: 'live', title: 'State', width: '96px', render: ({ live }) => <StatusBadge status={live ? 'live' : 'gone'} /> },
  {
    key: 'runs',
    title: 'Runs',
    width: '152px',
    render: (worker) => <LoadMeter label="Runs in work" {...loadOf(worker, 'runs')} />,
  },
  {
    key: 'nodes',
    title: 'Steps',
    width: '152px',
    render: (worker) => <LoadMeter label="Steps in work" {...loadOf(worker, 'nodes')} />,
  },
  { key: 'pools', title: 'Serves', width: 'minmax(0, 1fr)', render: servedBy },
  { key: 'started', title: 'Started', width: '112px', align: 'right', render: ({ started_at: at }) => <TimeAgo at={at} /> },
];

/** Who does the work, how much of it waits, and where. */
export function WorkersPage() {
  useLiveTopic('workers');
  const workers = useQuery(workersQuery);
  const capacity = useQuery(capacityQuery);
  const error = workers.error ?? capacity.error;
  return (
    <>
      <PageHeader
        title="Workers & queues"
        description="Who does the work, and what waits for them"
        actions={
          capacity.data?.queue === 'bullmq' && (
            <Button component="a" href="/admin/queues/" variant="default" rightSection={<IconExternalLink size={16} />}>
              Bull Board
            </Button>
          )
        }
      />
      <Stack gap="md">
        <QueueFigures capacity={capacity.data} workers={workers.data?.items} />
        {error !== null && <ErrorState error={error} retry={() => void Promise.all([workers.refetch(), capacity.refetch()])} />}
        <Workers workers={workers.data?.items} />
        <Queues capacity={capacity.data} />
      </Stack>
    </>
  );
}

function Workers({ workers }: { workers: readonly Worker[] | undefined }) {
  if (workers === undefined) return <RowSkeletons rows={3} />;
  if (workers.length === 0) {
    return (
      <EmptyState icon={IconServerOff} title="No worker is here">
        Runs are accepted and wait. Start one with <code>npm run start:worker</code>, or everything in one process with{' '}
        <code>npm start</code>.
      </EmptyState>
    );
  }
  const sorted = workers.toSorted((a, b) => Number(b.live) - Number(a.live) || a.host.localeCompare(b.host) || a.pid - b.pid);
  return <VirtualTable label="Workers" rows={sorted} columns={COLUMNS} rowKey={({ id }) => id} />;
}

function loadOf({ live, load, capacity, takes_runs: takesRuns }: Worker, what: 'runs' | 'nodes') {
  const limit = takesRuns ? (capacity?.[what] ?? null) : null;
  return { used: live ? load[what] : 0, limit };
}

function servedBy({ pools, takes_runs: takesRuns }: Worker): string {
  const served = [...(takesRuns ? ['runs'] : []), ...pools.map((pool) => `pool ${pool}`)];
  return served.length === 0 ? 'nothing' : served.join(', ');
}
