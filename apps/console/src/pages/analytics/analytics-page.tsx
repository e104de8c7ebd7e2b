import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { useState } from 'react';
import { AppLink } from '../../components/app-link.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { CostLists } from './cost-lists.js';
import { PERIODS, type PeriodName } from './period.js';
import { useCosts, useSummary, useWorkflowFigures, type Scope, type WorkflowFigures } from './questions.js';
import { SummaryCards } from './summary-cards.js';
import { SummaryCharts } from './summary-charts.js';
import { WorkflowTable } from './workflow-table.js';

const CHOICES = Object.entries(PERIODS).map(([value, { label }]) => ({ value, label }));

/** How runs end, how long they take, and what they cost. */
export function AnalyticsPage() {
  const [scope, setScope] = useState<Scope>({ period: '30d', workflow: null });
  const summary = useSummary(scope);
  const workflows = useWorkflowFigures(scope.period);
  const costs = useCosts(scope);
  const failed = [summary, workflows, costs].find(({ error }) => error !== null);
  const retry = (): void => [summary, workflows, costs].forEach(({ refetch }) => void refetch());
  return (
    <>
      <PageHeader
        title="Analytics"
        description="Runs that ended in the period, by UTC, with all that they have used."
        actions={<ScopePicker scope={scope} workflows={workflows.data?.items ?? []} onChange={setScope} />}
      />
      {failed !== undefined && <ErrorState error={failed.error} retry={retry} />}
      {summary.data?.runs.ended === 0 ? (
        <NothingEnded scope={scope} />
      ) : (
        <>
          <SummaryCards summary={summary.data} />
          <SummaryCharts summary={summary.data} />
          {workflows.data !== undefined && workflows.data.items.length > 0 && <WorkflowTable {...workflows.data} />}
          {costs.data !== undefined && <CostLists costs={costs.data} />}
        </>
      )}
    </>
  );
}

interface ScopePickerProps {
  scope: Scope;
  workflows: readonly WorkflowFigures[];
  onChange: (scope: Scope) => void;
}

function ScopePicker({ scope, workflows, onChange }: ScopePickerProps) {
  return (
    <>
      <Select
        aria-label="Workflow"
        placeholder="All workflows"
        data={workflows.map(({ workflow }) => ({ value: workflow.id, label: workflow.name }))}
        value={scope.workflow}
        onChange={(workflow) => onChange({ ...scope, workflow })}
        clearable
        searchable
        w={200}
      />
      <SegmentedControl
        aria-label="Period"
        data={CHOICES}
        value={scope.period}
        onChange={(period) => onChange({ ...scope, period: period as PeriodName })}
      />
    </>
  );
}

function NothingEnded({ scope }: { scope: Scope }) {
  return (
    <EmptyState
      icon={IconChartBar}
      title="No run has ended in this period"
      action={
        <Button component={AppLink} href="/workflows" variant="default">
          Start a run
        </Button>
      }
    >
      {scope.workflow === null
        ? 'Choose a longer period above, or start a run.'
        : 'Choose all workflows or a longer period above.'}
    </EmptyState>
  );
}
