import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@baton/core';
import type { Idempotency } from '@baton/engine';
import { invalidRequest } from '../problems/validation.js';

/** The caller's Idempotency-Key with a digest of what it stands for; null without one. */
export function readIdempotency(header: string | undefined, request: JsonValue): Idempotency | null {
  if (header === undefined) return null;
  if (!/^[\x21-\x7e]{1,200}$/.test(header)) {
    throw invalidRequest([{ pointer: '/headers/idempotency-key', message: 'must be 1 to 200 visible ASCII characters' }]);
  }
  return { key: header, requestDigest: createHash('sha256').update(canonicalJson(request)).digest('hex') };
}

/** Whether the caller prefers to be answered at once (`Prefer: respond-async`, RFC 7240). */
export function prefersAsync(header: string | undefined): boolean {
  return /(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(header ?? '');
}

/** What the header `Prefer` of a start may say, for the API's description. */
export const PREFER_WAIT = '`wait=N`: answer with the result if the run ends in N seconds.';

/** Milliseconds of `Prefer: wait=N` (RFC 7240), at most `maxMs`; 0 without it. A preference that is not understood is ignored. */
export function readWait(header: string | undefined, maxMs: number): number {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?:$|[,;\s])/i.exec(header ?? '')?.[1];
  return seconds === undefined ? 0 : Math.min(Number(seconds) * 1_000, maxMs);
}
