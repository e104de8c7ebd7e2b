import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, unwrap } from '../../api/client.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { GoneRun } from './gone-run.js';
import { OpenApprovals } from './open-approvals.js';
import { RunFacts } from './run-facts.js';
import { RunHeader } from './run-header.js';
import { RunTabs } from './run-tabs.js';
import { useIsGone } from './use-is-gone.js';
import { useRunView } from './use-run-view.js';
import { WhyLine } from './why-line.js';

/** One run: how it stands and why, what each node did, and what can be done about it. */
export function RunPage() {
  const { runId } = useParams({ strict: false });
  return runId === undefined ? null : <RunDetail key={runId} runId={runId} />;
}

function RunDetail({ runId }: { runId: string }) {
  useLiveTopic('runs');
  const {
    data: run,
    error,
    refetch,
  } = useQuery({
    queryKey: ['run', runId],
    queryFn: () => api.GET('/api/v1/runs/{id}', { params: { path: { id: runId } } }).then(unwrap),
  });
  const shown = useRunView(runId);
  const isGone = useIsGone({ run, shown, error });
  if (run === undefined) {
    if (error === null) return <Reading />;
    return (
      <>
        <PageHeader title="Run" />
        <ErrorState error={error} retry={() => void refetch()} />
      </>
    );
  }
  if (isGone) return <GoneRun run={run} />;
  return (
    <>
      <RunHeader run={run} shown={shown} />
      <Stack gap="md">
        <WhyLine run={run} shown={shown} />
        <RunFacts run={run} shown={shown} />
        <OpenApprovals runId={runId} />
        <RunTabs run={run} shown={shown} />
      </Stack>
    </>
  );
}

function Reading() {
  return (
    <Stack gap="md" aria-busy aria-label="The run is being read">
      <Skeleton height={60} width="50%" />
      <Skeleton height={44} />
      <Skeleton height={72} />
      <Skeleton height={480} radius="lg" />
    </Stack>
  );
}
