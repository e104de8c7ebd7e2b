/** An error as OpenAI sends it. */
export class MockError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: { code?: string; param?: string } = {},
    /** Seconds, or an HTTP date. */
    readonly retryAfter?: string,
  ) {
    super(message);
  }

  get body(): object {
    const { code = null, param = null } = this.fields;
    return { error: { message: this.message, type: typeOf(this.status), param, code } };
  }
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
