/** What the API says is wrong: an RFC 9457 problem. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  remedy?: string;
  request_id?: string;
  problems?: { pointer: string; message: string; code?: string; remedy?: string }[];
  [key: string]: unknown;
}

/** A refused or failed call. `status` 0: the API was not reached. */
export class ProblemError extends Error implements Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly request_id?: string;
  readonly problems?: Problem['problems'];
  [key: string]: unknown;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    Object.assign(this, problem);
  }
}

/** Whatever was thrown or answered, as a problem. */
export function toProblemError(error: unknown, status = 0): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isProblem(error)) return new ProblemError(error);
  if (status > 0) {
    const detail = `The server answered ${status} and did not say why.`;
    return new ProblemError({ status, code: 'unexpected_answer', title: 'Unexpected answer', detail, remedy: 'Try again.' });
  }
  if (error instanceof TypeError) {
    return new ProblemError({
      status: 0,
      code: 'unreachable',
      title: 'Baton does not answer',
      detail: 'The API could not be reached.',
      remedy: 'See whether the server runs. This page goes on by itself when it is back.',
    });
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new ProblemError({
    status: 0,
    code: 'console_error',
    title: 'This page failed',
    detail,
    remedy: 'Load the page again.',
  });
}

/** Whether Baton itself says that there is no such run. A bare 404, as of a proxy, says nothing of the run. */
export function isRunNotFound(error: unknown): boolean {
  return toProblemError(error).code === 'run_not_found';
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const { status, code, detail } = value as Partial<Problem>;
  return typeof status === 'number' && typeof code === 'string' && typeof detail === 'string';
}
