import { Anchor, Grid, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { useMay } from '../../api/use-may.js';
import { AppLink } from '../../components/app-link.js';
import { CopyButton } from '../../components/copy-button.js';
import { ErrorState } from '../../components/error-state.js';
import { JsonView } from '../../components/json-view.js';
import { PageHeader } from '../../components/page-header.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { useAddress } from '../../components/use-address.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { AnswerView } from './answer-view.js';
import { answerOf } from './asked-question.js';
import { LockHistory } from './lock-history.js';
import { RunTimeline } from './run-timeline.js';
import { TaskActions } from './task-actions.js';
import { TaskRuns } from './task-runs.js';
import type { TasksFindResponse } from '../../api/schema.js';

/** A task: what is wanted, what its runs did, and who held its lock. */
export function TaskPage() {
  const { taskId } = useParams({ from: '/tasks/$taskId' });
  const [address] = useAddress();
  const mayRun = useMay('POST /api/v1/tasks/{id}/runs');
  useLiveTopic('tasks');
  useLiveTopic('runs');
  const {
    data: task,
    error,
    refetch,
  } = useQuery({
    queryKey: ['task', taskId],
    queryFn: () => api.GET('/api/v1/tasks/{id}', { params: { path: { id: taskId } } }).then(unwrap),
  });
  if (task === undefined && error !== null) {
    return (
      <>
        <PageHeader title="Task" />
        <ErrorState error={error} retry={() => void refetch()} />
      </>
    );
  }
  if (task === undefined) return <Loading />;
  const runId = address.get('run') ?? task.run?.id ?? null;
  return (
    <>
      <PageHeader title={task.title} description={<Facts task={task} />} actions={<TaskActions task={task} />} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="md">
            <Outcome task={task} />
            <Section title="Timeline">
              {runId === null ? (
                <Text c="dimmed">No run yet.{mayRun && ' Press Run, and watch it here.'}</Text>
              ) : (
                <RunTimeline runId={runId} />
              )}
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="md">
            {(task.description !== null || task.input !== null) && (
              <Section title="What is wanted">
                {task.description !== null && <Text style={{ whiteSpace: 'pre-wrap' }}>{task.description}</Text>}
                {task.input !== null && <JsonView value={task.input} label="Input" />}
              </Section>
            )}
            <Section title="Runs">
              <TaskRuns taskId={taskId} shown={runId} />
            </Section>
            <Section title="Lock and conflicts">
              <LockHistory taskId={taskId} />
            </Section>
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Facts({ task }: { task: TasksFindResponse }) {
  return (
    <Group gap="sm">
      <StatusBadge status={task.status} />
      <Group gap={2}>
        <span className="mono">{task.id}</span>
        <CopyButton value={task.id} label="Copy the id" />
      </Group>
      <span>
        created <TimeAgo at={task.created_at} />
      </span>
    </Group>
  );
}

/** What its last run has said, once it has ended. */
function Outcome({ task: { run } }: { task: TasksFindResponse }) {
  if (run !== null && run.error !== null) {
    return (
      <Section title="Why it failed">
        <Text>{run.error.message}</Text>
        <Text size="xs" c="dimmed" className="mono">
          {run.error.code}
        </Text>
        <Anchor component={AppLink} href={`/runs/${run.id}`} size="sm">
          See what happened in the run
        </Anchor>
      </Section>
    );
  }
  if (run?.status !== 'completed') return null;
  const answer = answerOf(run.output);
  return (
    <Section title="Result">
      {answer === null ? <JsonView value={run.output} label="Output" /> : <AnswerView answer={answer} />}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} size="h3" mb="sm">
        {title}
      </Title>
      <Stack gap="sm">{children}</Stack>
    </Paper>
  );
}

function Loading() {
  return (
    <>
      <PageHeader title="Task" />
      <Grid gap="md" aria-busy>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Skeleton height={360} radius="lg" />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Skeleton height={240} radius="lg" />
        </Grid.Col>
      </Grid>
    </>
  );
}
