import { Anchor, Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconExternalLink, IconPlayerPlay } from '@tabler/icons-react';
import { api, unwrap } from '../../api/client.js';
import { toProblemError } from '../../api/problem.js';
import type { TasksFindResponse } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { AppLink } from '../../components/app-link.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { useAddress } from '../../components/use-address.js';

/** Runs a task, and ends its live run, as who looks at it may. */
export function TaskActions({ task: { id, live_run_id: liveRunId } }: { task: TasksFindResponse }) {
  const queries = useQueryClient();
  const [, change] = useAddress();
  const mayRun = useMay('POST /api/v1/tasks/{id}/runs');
  const mayCancel = useMay('POST /api/v1/runs/{id}/cancel');
  const refresh = () =>
    Promise.all(
      ['task', 'runs', 'tasks'].map((key) => queries.invalidateQueries({ queryKey: key === 'task' ? [key, id] : [key] })),
    );
  const run = useMutation({
    mutationFn: () => api.POST('/api/v1/tasks/{id}/runs', { params: { path: { id } }, body: {} }).then(unwrap),
    onSuccess: () => change({ run: null }),
    onError: (error) => tellWhyNot(error),
    onSettled: refresh,
  });
  const cancel = async (): Promise<void> => {
    if (liveRunId === null) return;
    try {
      const body = { reason: 'Cancelled on the page of its task.' };
      await api.POST('/api/v1/runs/{id}/cancel', { params: { path: { id: liveRunId } }, body }).then(unwrap);
    } catch (error) {
      notifications.show({ color: 'red', title: 'It could not be cancelled', message: toProblemError(error).detail });
    }
    await refresh();
  };
  return (
    <>
      {liveRunId !== null && (
        <>
          {mayCancel && (
            <ConfirmButton
              label="Cancel the run"
              confirm="The live run ends. What it has done stays in its journal."
              onConfirm={cancel}
            />
          )}
          <Button component={AppLink} href={`/runs/${liveRunId}`} variant="default" leftSection={<IconExternalLink size={16} />}>
            Open the live run
          </Button>
        </>
      )}
      {mayRun && (
        <Button leftSection={<IconPlayerPlay size={16} />} loading={run.isPending} onClick={() => run.mutate()}>
          Run
        </Button>
      )}
    </>
  );
}

/** That the task runs already is no failure: the one lock has done its work. */
function tellWhyNot(reason: unknown): void {
  const problem = toProblemError(reason);
  const liveRunId = problem['live_run_id'];
  if (problem.status !== 409 || typeof liveRunId !== 'string') {
    notifications.show({ color: 'red', title: problem.title, message: problem.detail });
    return;
  }
  notifications.show({
    color: 'yellow',
    title: 'It runs already',
    message: (
      <>
        A task has one run at a time.{' '}
        <Anchor href={`/runs/${liveRunId}`} size="sm">
          Open the live run
        </Anchor>
      </>
    ),
  });
}
