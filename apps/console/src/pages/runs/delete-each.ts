import { isRunNotFound, toProblemError } from '../../api/problem.js';
import type { BulkReply } from './run-types.js';

/** Deletes runs one after the other, and says of each what became of it. One that is gone already, as with its parent, is done. */
export async function deleteEach(
  ids: Iterable<string>,
  remove: (id: string) => Promise<unknown>,
): Promise<Pick<BulkReply, 'done' | 'refused'>> {
  const answer: Pick<BulkReply, 'done' | 'refused'> = { done: [], refused: [] };
  for (const id of ids) {
    try {
      await remove(id);
      answer.done.push({ run_id: id });
    } catch (error) {
      const { code, detail } = toProblemError(error);
      if (isRunNotFound(error)) answer.done.push({ run_id: id });
      else answer.refused.push({ run_id: id, code, detail });
    }
  }
  return answer;
}
