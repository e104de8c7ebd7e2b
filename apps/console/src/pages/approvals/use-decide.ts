import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { toProblemError } from '../../api/problem.js';
import { questionOf, refusalText, type Approval, type Choice } from './approval-words.js';

export interface Decision {
  approvals: readonly Approval[];
  decision: Choice;
  comment: string;
  /** What is approved instead of what was proposed. */
  payload?: unknown;
}

/** Decides approvals, and says what became of each: an inbox is shared, so somebody else may be faster. */
export function useDecide(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ approvals, ...decision }: Decision) =>
      Promise.all(approvals.map((approval) => decide(approval, decision))),
    onSuccess: (outcomes, { decision }) => {
      const refused = outcomes.filter(({ refusal }) => refusal !== null);
      const open = outcomes.filter(({ status }) => status === 'open').length;
      const decided = outcomes.length - refused.length - open;
      const done = decision === 'approve' ? 'Approved' : 'Rejected';
      if (decided > 0) tell('teal', decided === 1 ? done : `${done}: ${decided}`, 'The run goes on.');
      if (open > 0) tell('blue', 'Your vote counts', 'Others must decide, too.');
      for (const { title, refusal } of refused) tell('yellow', title, refusal!);
      if (refused.length === 0) onDone();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['approvals'] }),
  });
}

async function decide(approval: Approval, { decision, comment, payload }: Omit<Decision, 'approvals'>) {
  const { id } = approval;
  const title = questionOf(approval);
  const body = {
    decision,
    ...(comment.trim() !== '' && { comment: comment.trim() }),
    ...(payload !== undefined && { payload }),
  };
  try {
    const { status } = await api.POST('/api/v1/approvals/{id}/decide', { params: { path: { id } }, body }).then(unwrap);
    return { title, status, refusal: null };
  } catch (error) {
    return { title, status: null, refusal: refusalText(toProblemError(error)) };
  }
}

function tell(color: string, title: string, message: string): void {
  notifications.show({ color, title, message });
}
