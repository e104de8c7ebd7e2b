import { types } from 'node:util';
import { BatonError, type JsonObject } from '@baton/core';
import type { APIError } from 'openai';

/** What of a failed call is told. */
export interface FailedCall {
  model: string;
  /** Scheme, host and port of the endpoint. */
  origin: string;
  /** Never told, whatever the other side repeats of it. */
  apiKey: string | null;
  maxAnswerBytes: number;
  /** Milliseconds since the epoch, for a `Retry-After` that is a date. */
  now: number;
}

const MAX_DETAIL_CHARS = 500;
const MAX_RETRY_AFTER_SECONDS = 86_400;
/** Of the connection, for a body of more bytes than it may have. */
const TOO_LARGE = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

/** Statuses below 500 after which the same request may succeed. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** What the endpoint answered, as an error that says whether and when another try makes sense. */
export function refusedCall(error: APIError, call: FailedCall): BatonError {
  const status = error.status ?? 0;
  const retryable = isPassing(status, error);
  const retryAfterSeconds = retryable ? readRetryAfter(error.headers, call.now) : undefined;
  const context: JsonObject = {
    model: call.model,
    status,
    ...(error.code && { provider_code: error.code }),
    ...(error.requestID && { provider_request_id: error.requestID }),
  };
  return new BatonError('model_failed', `The model endpoint ${call.origin} answered ${tell(error.message, call)}`, context, {
    retryable,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/** No answer, or one that broke off, or one that was to have no end: that would be paid again, and be no shorter. */
export function lostCall(error: unknown, call: FailedCall): BatonError {
  if (causesOf(error).some(({ code }) => code === TOO_LARGE)) {
    const tooLarge = `The model endpoint ${call.origin} answered with more than ${call.maxAnswerBytes} bytes`;
    return new BatonError('model_answer_too_large', tooLarge, { model: call.model }, { retryable: false });
  }
  const detail = `The call to the model endpoint ${call.origin} failed: ${tell(describeCauses(error), call)}`;
  return new BatonError('model_failed', detail, { model: call.model }, { retryable: true });
}

/** An answer that is none: something else than the API of OpenAI speaks at this address, or a proxy in between. */
export function malformedReply(model: string, problem: string): BatonError {
  return new BatonError(
    'model_failed',
    `The endpoint's answer is not one of the OpenAI API: ${problem}`,
    { model },
    { retryable: true },
  );
}

/** The provider knows best; an account without credit is told by 429 too, and no wait fills it. */
function isPassing(status: number, error: APIError): boolean {
  const advice = error.headers?.get('x-should-retry');
  if (advice === 'true' || advice === 'false') return advice === 'true';
  if (error.code === 'insufficient_quota') return false;
  return status >= 500 || PASSING_STATUSES.has(status);
}

/**
 * Seconds that the endpoint wants to be left alone: `retry-after-ms`, else `Retry-After` in seconds or as an HTTP date, which is compared with
 * the `Date` of the same answer, because our clock may be another.
 */
export function readRetryAfter(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  const text = headers?.get('retry-after')?.trim() ?? '';
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - sentAt(headers, now)) / 1_000;
  const wanted = Number.isNaN(milliseconds) ? seconds : milliseconds / 1_000;
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(wanted, 0), MAX_RETRY_AFTER_SECONDS);
}

function sentAt(headers: Headers | undefined, now: number): number {
  const date = Date.parse(headers?.get('date') ?? '');
  return Number.isNaN(date) ? now : date;
}

/** `fetch failed` says nothing; what says it stands in the causes. */
function describeCauses(error: unknown): string {
  const messages = causesOf(error).map(({ message, code, name }) => message || code || name);
  return [...new Set(messages)].join(': ') || 'no reason given';
}

/** The error and what it was caused by, the nearest first. */
function causesOf(error: unknown): NodeJS.ErrnoException[] {
  const causes: NodeJS.ErrnoException[] = [];
  for (let cause = error; types.isNativeError(cause) && causes.length < 5; cause = cause.cause) causes.push(cause);
  return causes;
}

function tell(text: string, { apiKey }: FailedCall): string {
  return (apiKey === null ? text : text.replaceAll(apiKey, '[redacted]')).slice(0, MAX_DETAIL_CHARS);
}
