import { describe, expect, it } from '@jest/globals';
import { ProblemError, toProblemError } from './problem.js';

describe('toProblemError', () => {
  it('keeps all that a problem of the API says', () => {
    const problem = { status: 409, code: 'already_running', title: 'Already running', detail: 'It has a run.', run_id: 'r1' };
    const error = toProblemError(problem);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject(problem);
    expect(error.message).toBe('It has a run.');
    expect(toProblemError(error)).toBe(error);
  });

  it('names what was no problem: an odd answer, no answer, a fault of the page', () => {
    expect(toProblemError('<html>', 502)).toMatchObject({ status: 502, code: 'unexpected_answer' });
    expect(toProblemError(new TypeError('Failed to fetch'))).toMatchObject({ status: 0, code: 'unreachable' });
    expect(toProblemError(new Error('oh'))).toMatchObject({ status: 0, code: 'console_error', detail: 'oh' });
  });
});
