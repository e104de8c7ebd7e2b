import { expect, it } from '@jest/globals';
import { ProblemError } from '../../api/problem.js';
import { deleteEach } from './delete-each.js';

const refusing = (status: number, code: string) => new ProblemError({ status, code, title: 'No', detail: 'Because.' });

it('deletes one after the other; whatever becomes of one, the next is asked', async () => {
  const refusals: Record<string, Error> = {
    living: refusing(409, 'run_not_ended'),
    gone: refusing(404, 'run_not_found'),
    astray: refusing(404, 'unexpected_answer'),
    unheard: new TypeError('fetch failed'),
  };
  const asked: string[] = [];
  let atWork = 0;
  const answer = await deleteEach(['a', 'living', 'gone', 'astray', 'unheard', 'b'], async (id) => {
    atWork += 1;
    expect(atWork).toBe(1);
    asked.push(id);
    await Promise.resolve();
    atWork -= 1;
    if (refusals[id] !== undefined) throw refusals[id];
  });
  expect(asked).toEqual(['a', 'living', 'gone', 'astray', 'unheard', 'b']);
  expect(answer.done).toEqual([{ run_id: 'a' }, { run_id: 'gone' }, { run_id: 'b' }]);
  expect(answer.refused).toMatchObject([
    { run_id: 'living', code: 'run_not_ended', detail: 'Because.' },
    { run_id: 'astray', code: 'unexpected_answer' },
    { run_id: 'unheard', code: 'unreachable' },
  ]);
});
