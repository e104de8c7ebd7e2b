import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconGitFork, IconPlayerPause, IconPlayerPlay, IconRotateClockwise } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { toProblemError } from '../../api/problem.js';
import { useMay } from '../../api/use-may.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { DeleteButton } from './delete-button.js';
import type { Run } from './run-types.js';
import { statusOf } from './status-of.js';
import type { ShownRun } from './use-run-view.js';

const ForkDialog = lazy(() => import('./fork-dialog.js'));

type Wish = 'pause' | 'resume' | 'cancel' | 'retry';

/** What can be done to a run as it stands, by who looks at it. */
export function RunActions({ run, shown }: { run: Run; shown: ShownRun }) {
  const { id } = run;
  const status = statusOf(run, shown);
  const isLive = status !== 'completed' && status !== 'failed' && status !== 'cancelled';
  const [isForking, setForking] = useState(false);
  const wish = useWish(id);
  const mayPause = useMay('POST /api/v1/runs/{id}/pause');
  const mayResume = useMay('POST /api/v1/runs/{id}/resume');
  const mayCancel = useMay('POST /api/v1/runs/{id}/cancel');
  const mayRetry = useMay('POST /api/v1/runs/{id}/retry');
  const mayFork = useMay('POST /api/v1/runs/{id}/fork');
  const act = (one: Wish) => ({ onClick: () => wish.mutate(one), loading: wish.isPending && wish.variables === one });
  return (
    <>
      {mayPause && isLive && status !== 'paused' && status !== 'compensating' && (
        <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} {...act('pause')}>
          Pause
        </Button>
      )}
      {mayResume && status === 'paused' && (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} {...act('resume')}>
          Resume
        </Button>
      )}
      {mayRetry && (status === 'failed' || status === 'cancelled') && (
        <Button leftSection={<IconRotateClockwise size={16} aria-hidden />} {...act('retry')}>
          Retry
        </Button>
      )}
      {mayFork && (
        <Button
          variant="default"
          leftSection={<IconGitFork size={16} aria-hidden />}
          onClick={() => setForking(true)}
          disabled={shown.view === null}
        >
          Fork
        </Button>
      )}
      {mayCancel && isLive && (
        <ConfirmButton
          label="Cancel"
          confirm="The run ends as cancelled. Nodes in work are stopped; what they have done so far stays."
          onConfirm={() => wish.mutateAsync('cancel').catch(() => undefined)}
        />
      )}
      <DeleteButton runId={id} isLive={isLive} />
      {isForking && (
        <Suspense fallback={null}>
          <ForkDialog run={run} shown={shown} onClose={() => setForking(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Tells the run what is wished, and says where it does not come true at once. */
function useWish(id: string) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (wish: Wish): Promise<string | null> => {
      const params = { path: { id } };
      if (wish === 'retry') return (await api.POST('/api/v1/runs/{id}/retry', { params }).then(unwrap)).run_id;
      const { response } = await send(wish, params);
      if (response.status === 202) {
        notifications.show({ title: 'The run is told', message: `It will ${wish} as soon as its worker hears of it.` });
      }
      return null;
    },
    onSuccess: async (next) => {
      if (next !== null) await navigate({ to: '/runs/$runId', params: { runId: next } });
    },
    onError: (error, wish) => {
      const { detail, remedy } = toProblemError(error);
      notifications.show({ color: 'red', title: `Could not ${wish} the run`, message: `${detail} ${remedy ?? ''}` });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['run', id] }),
  });
}

async function send(wish: Exclude<Wish, 'retry'>, params: { path: { id: string } }): Promise<{ response: Response }> {
  const told = { params, body: {} };
  const call = {
    pause: () => api.POST('/api/v1/runs/{id}/pause', told),
    resume: () => api.POST('/api/v1/runs/{id}/resume', told),
    cancel: () => api.POST('/api/v1/runs/{id}/cancel', told),
  }[wish];
  const answer = await call();
  unwrap<unknown>(answer);
  return answer;
}
