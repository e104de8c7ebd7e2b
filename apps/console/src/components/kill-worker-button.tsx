import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconSkull } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client.js';
import { useMay } from '../api/use-may.js';
import { DEMO_KEY, useDemo } from './use-demo.js';

/** Kills the worker of the local demo, to show that its run goes on; nothing where there is no demo, or for who may not. */
export function KillWorkerButton() {
  const client = useQueryClient();
  const demo = useDemo();
  const mayKill = useMay('POST /api/v1/demo/worker/kill');
  const kill = useMutation({
    mutationFn: () => api.POST('/api/v1/demo/worker/kill').then(unwrap),
    onSuccess: ({ killed }) => killed && sayThatItIsKilled(),
    onSettled: () => client.invalidateQueries({ queryKey: DEMO_KEY }),
  });
  if (demo === undefined || !mayKill) return null;
  return (
    <Button
      color="red"
      variant="light"
      size="compact-sm"
      leftSection={<IconSkull size={16} aria-hidden />}
      loading={kill.isPending}
      disabled={!demo.worker_alive}
      onClick={() => kill.mutate()}
    >
      {demo.worker_alive ? 'Kill the worker' : 'The worker starts again…'}
    </Button>
  );
}

function sayThatItIsKilled(): void {
  notifications.show({
    color: 'red',
    title: 'The worker is killed (kill -9)',
    message: 'It starts again, and what it had in work goes on. Nothing that was finished is done again.',
  });
}
