import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { isRunNotFound, toProblemError } from '../../api/problem.js';
import { useMay } from '../../api/use-may.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { deleteRun, GOES_WITH_A_RUN } from './delete-run.js';
import { shortId } from './run-types.js';

/** The queries whose answers name runs. */
const QUERIES = ['runs', 'dead-letters', 'approvals', 'task', 'tasks'];

/** Deletes a run that has ended, and leads back to the list. Whose role may not does not see it. */
export function DeleteButton({ runId, isLive }: { runId: string; isLive: boolean }) {
  const isAllowed = useMay('DELETE /api/v1/runs/{id}');
  const queries = useQueryClient();
  const navigate = useNavigate();
  if (!isAllowed) return null;
  const remove = async (): Promise<void> => {
    try {
      await deleteRun(runId);
    } catch (error) {
      if (!isRunNotFound(error)) return tellWhyNot(error, runId);
    }
    notifications.show({ color: 'teal', title: 'The run is deleted', message: `${shortId(runId)} is gone, with all below it.` });
    await navigate({ to: '/runs' });
    queries.removeQueries({ queryKey: ['run', runId] });
    await Promise.all(QUERIES.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
  return (
    <ConfirmButton
      label="Delete run"
      confirm={`The run goes with its ${GOES_WITH_A_RUN}, and so do all runs below it. This cannot be undone.`}
      blocked={isLive ? 'It has not ended: cancel it first' : undefined}
      onConfirm={remove}
    />
  );
}

/** With the way to what is in the way: it may be a run below this one, or above it. */
function tellWhyNot(reason: unknown, runId: string): void {
  const { title, detail, remedy, code, run_id: inTheWay } = toProblemError(reason);
  const isOther = typeof inTheWay === 'string' && inTheWay !== runId;
  const [href, label] =
    code === 'dead_letter_open'
      ? ['/dead-letters', 'Replay or discard it']
      : code === 'run_not_ended' && isOther
        ? [`/runs/${inTheWay}`, 'Open that run']
        : [];
  notifications.show({
    color: 'red',
    title,
    message: (
      <>
        {detail}{' '}
        {href === undefined ? (
          remedy
        ) : (
          <Anchor href={href} size="sm">
            {label}
          </Anchor>
        )}
      </>
    ),
  });
}
