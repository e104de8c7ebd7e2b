import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { toProblemError } from '../../api/problem.js';

export type Settlement = 'replay' | 'discard';

/** How many letters one press settles. */
const BULK_LIMIT = 1_000;

/** Replays or discards one letter. */
export function useSettle(id: string) {
  return useSettlement((action: Settlement) => {
    const params = { params: { path: { id } } };
    if (action === 'replay') return api.POST('/api/v1/dead-letters/{id}/replay', params).then(unwrap);
    return api.POST('/api/v1/dead-letters/{id}/discard', params).then(unwrap);
  });
}

/** Replays or discards all that are open. */
export function useSettleAll() {
  const settle = useSettlement((action: Settlement) =>
    api.POST('/api/v1/dead-letters/bulk', { body: { action, limit: BULK_LIMIT } }).then(unwrap),
  );
  return async (action: Settlement): Promise<void> => {
    const { done, refused, more } = await settle.mutateAsync(action);
    const rest = more ? ' There are more: press again.' : '';
    const message = `${done.length} ${action === 'replay' ? 'replayed' : 'discarded'}, ${refused.length} refused.${rest}`;
    notifications.show({ message, color: refused.length > 0 ? 'yellow' : 'teal' });
  };
}

function useSettlement<T>(settle: (action: Settlement) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: settle,
    onSettled: () => queries.invalidateQueries({ queryKey: ['dead-letters'] }),
    onError: (error) => {
      const { title, detail } = toProblemError(error);
      notifications.show({ title, message: detail, color: 'red' });
    },
  });
}
