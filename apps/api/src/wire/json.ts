import { z } from 'zod';
import type { JsonValue } from '@baton/core';

/** Deeper values are refused: whoever reads them later, here or in a worker, may do so by recursion. */
const MAX_DEPTH = 100;

/** Any JSON value of bounded depth. What comes out of the body parser is JSON already, so nothing else is checked. */
export const AnyJson = z
  .unknown()
  .refine((value) => !isDeeper(value, MAX_DEPTH), `nested deeper than ${MAX_DEPTH} levels`)
  .transform((value) => value as JsonValue);

/** An instant in ISO 8601, UTC. */
export const Instant = z.iso.datetime();

export function toInstant(at: number): string {
  return new Date(at).toISOString();
}

export function toInstantOrNull(at: number | null): string | null {
  return at === null ? null : toInstant(at);
}

/** Level by level, so that no depth can exhaust the stack. */
function isDeeper(value: unknown, limit: number): boolean {
  let level = [value].filter(isObject);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= limit) return true;
    const next: object[] = [];
    for (const entry of level) for (const inner of Object.values(entry)) if (isObject(inner)) next.push(inner);
    level = next;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
