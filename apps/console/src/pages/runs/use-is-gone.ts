import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { isRunNotFound } from '../../api/problem.js';
import { hasEnded, type Run } from './run-types.js';
import { statusOf } from './status-of.js';
import type { ShownRun } from './use-run-view.js';

/** How often a run that has ended is looked for: its journal does not tell that somebody has deleted it. */
const EVERY_MS = 15_000;

/** Whether a run that is shown is there no more. `error`: what reading it came to. */
export function useIsGone({ run, shown, error }: { run: Run | undefined; shown: ShownRun; error: unknown }): boolean {
  const id = run?.id ?? '';
  const isMissed = isRunNotFound(error);
  const look = useQuery({
    queryKey: ['run-is-there', id],
    queryFn: () => lookFor(id),
    enabled: run !== undefined && hasEnded({ status: statusOf(run, shown) }) && !isMissed,
    refetchInterval: ({ state }) => (isRunNotFound(state.error) ? false : EVERY_MS),
    ...{ initialData: true, staleTime: EVERY_MS },
  });
  return isMissed || isRunNotFound(look.error);
}

async function lookFor(id: string): Promise<true> {
  const params = { path: { id }, query: { values: 'false' as const } };
  await api.GET('/api/v1/runs/{id}', { params }).then(unwrap);
  return true;
}
