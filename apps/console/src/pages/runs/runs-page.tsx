import { Alert, Button, Skeleton, Stack } from '@mantine/core';
import { IconActivity, IconFilterOff } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useMay } from '../../api/use-may.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { useSearchState } from '../../components/use-search-state.js';
import { VirtualTable } from '../../components/virtual-table.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { BulkBar } from './bulk-bar.js';
import { runColumns } from './run-columns.js';
import { RunFilterBar } from './run-filter-bar.js';
import { readFilters, toQuery, type RunFilters } from './run-filters.js';
import type { RunRow } from './run-types.js';
import { useRunPages } from './use-run-pages.js';
import { useSelection } from './use-selection.js';

/** All runs, by what is asked for in the address. */
export function RunsPage() {
  useLiveTopic('runs');
  const [search, change] = useSearchState();
  const filters = readFilters(search);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader title="Runs" description="What runs, what waits and why, and what became of the rest." />
      <RunFilterBar filters={filters} onChange={change} />
      <RunList
        key={JSON.stringify(filters)}
        filters={filters}
        onClear={isFiltered ? () => change(Object.fromEntries(Object.keys(search).map((name) => [name, undefined]))) : null}
      />
    </>
  );
}

function RunList({ filters, onClear }: { filters: RunFilters; onClear: (() => void) | null }) {
  // A range counts back from when the list is opened: it does not move with every look.
  const [query] = useState(() => toQuery(filters, Date.now()));
  const { rows, isPending, error, isOutdated, hasMore, loadMore, look, reopen } = useRunPages(query);
  const selection = useSelection();
  const mayTell = useMay('POST /api/v1/runs/bulk');
  const mayDelete = useMay('DELETE /api/v1/runs/{id}');
  const mayPick = mayTell || mayDelete;
  const columns = useMemo(() => runColumns(rows, mayPick ? selection : null), [rows, selection, mayPick]);
  if (isPending) return <RowSkeletons />;
  if (error !== null && rows.length === 0) return <ErrorState error={error} retry={reopen} />;
  return (
    <>
      {isOutdated && (
        <Alert mb="sm" variant="light" p="xs">
          More runs have come than stand here.{' '}
          <Button size="compact-xs" variant="subtle" onClick={reopen}>
            Show the newest
          </Button>
        </Alert>
      )}
      {rows.length === 0 ? (
        <NoRuns onClear={onClear} />
      ) : (
        <VirtualTable<RunRow>
          label="Runs"
          rows={rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowHref={({ id }) => `/runs/${id}`}
          rowLabel={({ id, workflow }) => `Open the run ${id} of ${workflow.name}`}
          onView={look}
          {...(hasMore && { onEnd: loadMore })}
        />
      )}
      <BulkBar ids={selection.ids} onClear={() => selection.set([])} />
    </>
  );
}

function NoRuns({ onClear }: { onClear: (() => void) | null }) {
  if (onClear === null) {
    return (
      <EmptyState icon={IconActivity} title="Nothing has run yet">
        Start a workflow from its page, or a task, and its run stands here at once.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconFilterOff}
      title="No run fits these filters"
      action={
        <Button variant="default" onClick={onClear}>
          Take all filters out
        </Button>
      }
    >
      Try another status or a longer time.
    </EmptyState>
  );
}

function RowSkeletons() {
  return (
    <Stack gap={1} aria-busy aria-label="The runs are being read">
      {Array.from({ length: 12 }, (_, row) => (
        <Skeleton key={row} height={48} radius={row === 0 || row === 11 ? 'lg' : 0} />
      ))}
    </Stack>
  );
}
