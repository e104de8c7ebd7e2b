import { BatonError, type JsonObject, type OutboundResponse } from '@baton/core';

const MASK = '[secret]';
/** Shorter ones are words that stand everywhere. */
const MIN_CHARS = 4;

/** An answer without what must not be seen, wherever the other side has put it: as it was sent, or as JSON, URLs and base64 write it. */
export function redactResponse(
  { headers, body, url, ...response }: OutboundResponse,
  hidden: readonly string[],
): OutboundResponse {
  const spellings = spellingsOf(hidden);
  const clean = (text: string): string => redactText(text, spellings);
  return {
    ...response,
    url: clean(url),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [clean(name), clean(value)])),
    body: spellings.some((one) => Buffer.from(body).includes(one)) ? redactBytes(body, spellings) : body,
  };
}

/** A failure without what must not be seen: the other side may have named it in a redirect. */
export function redactError(error: unknown, hidden: readonly string[]): unknown {
  if (!(error instanceof BatonError)) return error;
  const spellings = spellingsOf(hidden);
  if (!spellings.some((one) => `${error.message}${JSON.stringify(error.context)}`.includes(one))) return error;
  const context = JSON.parse(redactText(JSON.stringify(error.context), spellings)) as JsonObject;
  return new BatonError(error.code, redactText(error.message, spellings), context, { ...error.options, cause: undefined });
}

/** Replaces what must not be seen in texts, however it is written there. */
export function hiding(hidden: readonly string[]): (text: string) => string {
  const spellings = spellingsOf(hidden);
  return (text) => redactText(text, spellings);
}

/** The longest first: it may hold the others. */
function spellingsOf(hidden: readonly string[]): string[] {
  const spellings = hidden
    .filter((text) => text.length >= MIN_CHARS)
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), Buffer.from(text).toString('base64')]);
  return [...new Set([...spellings, ...spellings.map((text) => text.toLowerCase())])].toSorted((a, b) => b.length - a.length);
}

function redactText(text: string, spellings: readonly string[]): string {
  return spellings.reduce((clean, one) => clean.replaceAll(one, MASK), text);
}

/** Bytes that are no text stay what they are: each stands for one character here. */
function redactBytes(body: Uint8Array, spellings: readonly string[]): Uint8Array {
  return Buffer.from(redactText(Buffer.from(body).toString('latin1'), spellings), 'latin1');
}
