/** Why a socket is closed: the code that its client is told, and the label of the metric. */
export const LIVE_CLOSES = {
  ended: { code: 1000, text: 'The run has ended' },
  restart: { code: 1012, text: 'The server restarts: connect again' },
  failed: { code: 1011, text: 'The server has failed: connect again' },
  not_text: { code: 1003, text: 'Only text is understood' },
  bad_request: { code: 4400, text: 'The address is not valid' },
  token_invalid: { code: 4401, text: 'The token is not valid' },
  token_ended: { code: 4401, text: 'The token has expired or was revoked' },
  forbidden: { code: 4403, text: 'Not allowed' },
  not_found: { code: 4404, text: 'There is no such run or workflow' },
  silent: { code: 4408, text: 'No sign of life' },
  too_many: { code: 4429, text: 'Too many connections with this token' },
} as const;
export type LiveCloseReason = keyof typeof LIVE_CLOSES;

/** Ends a socket from within its session. */
export class LiveClosing extends Error {
  constructor(
    readonly reason: LiveCloseReason,
    readonly detail: string = LIVE_CLOSES[reason].text,
  ) {
    super(detail);
  }
}
