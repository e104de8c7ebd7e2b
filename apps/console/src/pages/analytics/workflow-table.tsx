import { Paper, Text } from '@mantine/core';
import { Duration } from '../../components/duration.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { formatCount, formatMoney, formatRate } from './figures.js';
import type { WorkflowFigures } from './questions.js';

const COLUMNS: readonly Column<WorkflowFigures>[] = [
  { key: 'workflow', title: 'Workflow', width: 'minmax(0, 2fr)', render: ({ workflow }) => workflow.name },
  { key: 'runs', title: 'Runs', align: 'right', render: ({ runs }) => formatCount(runs.ended) },
  { key: 'failed', title: 'Failed', align: 'right', render: ({ runs }) => formatCount(runs.failed) },
  { key: 'rate', title: 'Success', align: 'right', render: ({ success_rate: rate }) => formatRate(rate) },
  { key: 'p50', title: 'Half within', align: 'right', render: ({ duration_ms: ms }) => <Duration ms={ms?.p50 ?? null} /> },
  { key: 'p95', title: '95 % within', align: 'right', render: ({ duration_ms: ms }) => <Duration ms={ms?.p95 ?? null} /> },
  { key: 'cost', title: 'Cost', align: 'right', render: ({ usage }) => formatMoney(usage.cost_micros) },
];

/** Workflows side by side, the busiest first. */
export function WorkflowTable({ items, truncated }: { items: readonly WorkflowFigures[]; truncated: boolean }) {
  return (
    <Paper p="md" mb="md" component="section" aria-label="By workflow">
      <Text component="h2" size="sm" fw={650} mb="xs">
        By workflow
      </Text>
      <VirtualTable
        label="Figures by workflow"
        rows={items}
        columns={COLUMNS}
        rowKey={({ workflow }) => workflow.id}
        rowHref={({ workflow }) => `/workflows/${encodeURIComponent(workflow.id)}`}
        rowLabel={({ workflow }) => `Open ${workflow.name}`}
      />
      {truncated && (
        <Text size="xs" c="dimmed" mt="xs">
          The {items.length} busiest; choose a workflow above to see another.
        </Text>
      )}
    </Paper>
  );
}
