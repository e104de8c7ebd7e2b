import { BatonError } from '@baton/core';
import type { QdrantClientResourceExhaustedError } from '@qdrant/js-client-rest';

/** The HTTP status of an answer that was no success; null where there was no answer. */
export function statusOf(error: unknown): number | null {
  const status = error instanceof Error && 'status' in error ? error.status : null;
  return typeof status === 'number' ? status : null;
}

/** What a failed request to Qdrant means. No header of the request is in it, so neither is the key. */
export function qdrantFailure(error: unknown, action: string): BatonError {
  if (error instanceof BatonError) return error;
  if (isTimeout(error)) return unavailable(error, `Qdrant did not answer in time: ${action}`);
  if (isExhausted(error)) {
    return unavailable(error, `Qdrant has too much to do: ${action}`, error.retry_after);
  }
  const status = statusOf(error);
  if (status === null) return unavailable(error, `Qdrant cannot be reached: ${action}`);
  if (status === 401 || status === 403) {
    const remedy = 'Check QDRANT_API_KEY.';
    return new BatonError(
      'vectors_unavailable',
      `Qdrant refuses the key: ${action}`,
      {},
      { cause: error, remedy, retryable: false },
    );
  }
  const said = `Qdrant answered ${status} (${reasonOf(error)}): ${action}`;
  if (status >= 500 || status === 408 || status === 429) return unavailable(error, said);
  return new BatonError('internal', said, {}, { cause: error, retryable: false });
}

/** The client aborts a request that takes too long; where the abort comes from another realm, it does not tell it as its own error. */
function isTimeout(error: unknown): boolean {
  return isNamed(error, 'AbortError') || isNamed(error, 'QdrantClientTimeoutError');
}

function isExhausted(error: unknown): error is QdrantClientResourceExhaustedError {
  return isNamed(error, 'QdrantClientResourceExhaustedError');
}

/** By its name: its class would load the client, which only those need who use Qdrant. */
function isNamed(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}

function unavailable(cause: unknown, detail: string, retryAfterSeconds = 1): BatonError {
  return new BatonError('vectors_unavailable', detail, {}, { cause, retryAfterSeconds, retryable: true });
}

const MAX_REASON_CHARS = 300;

/** What Qdrant says in `status.error` of its answer. */
function reasonOf(error: unknown): string {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : null;
  const status: unknown = typeof data === 'object' && data !== null && 'status' in data ? data.status : null;
  const reason: unknown = typeof status === 'object' && status !== null && 'error' in status ? status.error : null;
  return (typeof reason === 'string' ? reason : 'no reason given').slice(0, MAX_REASON_CHARS);
}
