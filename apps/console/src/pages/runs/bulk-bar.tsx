import { Button, CloseButton, Group, Paper, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRotateClockwise } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { useMay } from '../../api/use-may.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { ErrorState } from '../../components/error-state.js';
import { BulkAnswers, type BulkAnswer, type ListAction } from './bulk-answers.js';
import { deleteEach } from './delete-each.js';
import { deleteRun, GOES_WITH_A_RUN } from './delete-run.js';
import styles from './runs.module.css';
import type { BulkAction } from './run-types.js';

/** As many as the API takes at once. */
const AT_ONCE = 1_000;

/** What can be done to the runs that are picked, and what each of them answered. */
export function BulkBar({ ids, onClear }: { ids: ReadonlySet<string>; onClear: () => void }) {
  const queries = useQueryClient();
  const mayTell = useMay('POST /api/v1/runs/bulk');
  const mayDelete = useMay('DELETE /api/v1/runs/{id}');
  const [answer, setAnswer] = useState<BulkAnswer | null>(null);
  const bulk = useMutation({
    mutationFn: (action: ListAction) => (action === 'delete' ? deleteAll(ids) : actOn(action, [...ids])),
    onSuccess: (made) => {
      setAnswer(made);
      onClear();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['runs'] }),
  });
  const count = `${ids.size} ${ids.size === 1 ? 'run' : 'runs'}`;
  const act = (action: BulkAction) => ({
    onClick: () => bulk.mutate(action),
    disabled: bulk.isPending,
    loading: bulk.isPending && bulk.variables === action,
  });
  return (
    <>
      <BulkAnswers answer={answer} onClose={() => setAnswer(null)} />
      {ids.size > 0 && (mayTell || mayDelete || bulk.isError) && (
        <Paper className={styles.bulk} shadow="lg" role="toolbar" aria-label="What to do with the picked runs">
          {bulk.isError && <ErrorState error={bulk.error} />}
          <Group gap="xs">
            <Text size="sm" fw={600} className="figures" role="status">
              {count} picked
            </Text>
            {mayTell && (
              <>
                <Button variant="default" size="xs" leftSection={<IconPlayerPause size={14} aria-hidden />} {...act('pause')}>
                  Pause
                </Button>
                <Button variant="default" size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} {...act('resume')}>
                  Resume
                </Button>
                <Button variant="default" size="xs" leftSection={<IconRotateClockwise size={14} aria-hidden />} {...act('retry')}>
                  Retry
                </Button>
                <ConfirmButton
                  size="xs"
                  label={`Cancel ${count}`}
                  disabled={bulk.isPending}
                  confirm={`${count} will end as cancelled. What they have done so far stays.`}
                  onConfirm={() => bulk.mutateAsync('cancel').catch(() => undefined)}
                />
              </>
            )}
            {mayDelete && (
              <ConfirmButton
                size="xs"
                label={`Delete ${count}`}
                disabled={bulk.isPending}
                confirm={`With each go its ${GOES_WITH_A_RUN}, and all runs below it. Runs that have not ended stay. This cannot be undone.`}
                onConfirm={() => bulk.mutateAsync('delete').catch(() => undefined)}
              />
            )}
            <CloseButton aria-label="Pick none" onClick={onClear} disabled={bulk.isPending} ms="auto" />
          </Group>
        </Paper>
      )}
    </>
  );
}

async function deleteAll(ids: ReadonlySet<string>): Promise<BulkAnswer> {
  return { action: 'delete', ...(await deleteEach(ids, deleteRun)) };
}

async function actOn(action: BulkAction, ids: readonly string[]): Promise<BulkAnswer> {
  const answer: BulkAnswer = { action, done: [], refused: [] };
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const body = { action, filter: { run_ids: ids.slice(start, start + AT_ONCE) } };
    const { done, refused } = await api.POST('/api/v1/runs/bulk', { body }).then(unwrap);
    answer.done.push(...done);
    answer.refused.push(...refused);
  }
  return answer;
}
