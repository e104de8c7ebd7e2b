import { Anchor, Button, Group, SimpleGrid, Stack } from '@mantine/core';
import { IconActivity, IconMessageCircleQuestion, IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { recentRunsQuery } from '../../api/queries.js';
import type { RunSummary } from '../../api/types.js';
import { useMay } from '../../api/use-may.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { FailedPanel } from './failed-panel.js';
import { HomeFigures } from './home-figures.js';
import { RecentOutcomes } from './recent-outcomes.js';
import { RunRow } from './run-row.js';
import { ThroughputPanel } from './throughput-panel.js';
import { WaitingPanel } from './waiting-panel.js';

const SHOWN = 8;

/** What runs, what waits for people, what failed, and how much gets done. */
export function HomePage() {
  useLiveTopic('runs');
  useLiveTopic('approvals');
  const { data, error, refetch } = useQuery(recentRunsQuery);
  return (
    <>
      <PageHeader title="Home" description="What runs, what waits for you, and what failed" actions={<AskButton label="Ask" />} />
      <Stack gap="md">
        <HomeFigures />
        {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
        {data?.items.length === 0 ? <FirstSteps /> : <Overview runs={data?.items} />}
      </Stack>
    </>
  );
}

function Overview({ runs }: { runs: readonly RunSummary[] | undefined }) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <ThroughputPanel />
        <RecentOutcomes runs={runs} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel title="Runs" actions={<More to="/runs" label="All runs" />}>
          {runs === undefined ? <RowSkeletons /> : movingFirst(runs).map((run) => <RunRow key={run.id} run={run} />)}
        </Panel>
        <Stack gap="md">
          <WaitingPanel />
          <FailedPanel />
        </Stack>
      </SimpleGrid>
    </>
  );
}

/** A link to the page that shows all. */
function More({ to, label }: { to: string; label: string }) {
  return (
    <Anchor component={Link} to={to} size="sm">
      {label}
    </Anchor>
  );
}

function movingFirst(runs: readonly RunSummary[]): readonly RunSummary[] {
  const rank = ({ finished_at: at }: RunSummary): number => (at === null ? 0 : 1);
  return runs.toSorted((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}

function FirstSteps() {
  return (
    <Panel title="Start here">
      <EmptyState
        icon={IconRocket}
        title="Nothing has run yet"
        action={
          <Group justify="center">
            <AskButton label="Ask a question" />
            <Button component={Link} to="/workflows" variant="default" leftSection={<IconActivity size={16} />}>
              Choose a workflow
            </Button>
          </Group>
        }
      >
        Ask something about your documents, or start a workflow: its run shows up here and moves by itself.
      </EmptyState>
    </Panel>
  );
}

/** For who may keep a question and run it. */
function AskButton({ label }: { label: string }) {
  const mayCreate = useMay('POST /api/v1/tasks');
  const mayRun = useMay('POST /api/v1/tasks/{id}/runs');
  if (!mayCreate || !mayRun) return null;
  return (
    <Button component={Link} to="/ask" leftSection={<IconMessageCircleQuestion size={16} />}>
      {label}
    </Button>
  );
}
