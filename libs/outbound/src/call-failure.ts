import { types } from 'node:util';
import { BatonError } from '@baton/core';

/** What no further try can mend: the answer is too large or malformed, or the request cannot be written. */
const FINAL: ReadonlySet<string> = new Set([
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_NOT_SUPPORTED',
]);
/** What decoders say of bytes that are no stream of theirs, or one that needs too much memory. */
const NOT_COMPRESSED_SO = /^(Z_DATA_ERROR$|Z_NEED_DICT$|ERR__ERROR_FORMAT|ZSTD_error)/;

/** Turns what a call has thrown into an error of the domain, without headers, query or address in it. */
export function toCallFailure(error: unknown, call: { target: string; timedOutAfterMs: number | null }): BatonError {
  const own = findOwn(error);
  if (own !== null) return own;
  const host = call.target.slice(0, 260);
  const { timedOutAfterMs } = call;
  if (timedOutAfterMs !== null) {
    const message = `\`${host}\` did not answer within ${timedOutAfterMs} ms.`;
    return new BatonError('http_failed', message, { host }, { retryable: true });
  }
  const code = codeOf(error);
  const retryable = !FINAL.has(code) && !NOT_COMPRESSED_SO.test(code);
  return new BatonError(
    'http_failed',
    `The call to \`${host}\` failed: ${code}.`,
    { host, reason: code },
    { cause: error, retryable },
  );
}

/** An error of ours that came through the HTTP library. */
function findOwn(error: unknown): BatonError | null {
  for (let inner = error, depth = 0; types.isNativeError(inner) && depth < 5; inner = inner.cause, depth += 1) {
    if (inner instanceof BatonError) return inner;
  }
  return null;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = types.isNativeError(error) ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && code !== '' ? code : 'unknown';
}
