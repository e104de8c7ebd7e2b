import { z } from 'zod';
import type { JsonValue } from '@baton/core';

/** Any JSON value. What comes out of the body parser is JSON already, so nothing is walked. */
export const AnyJson = z.unknown().transform((value) => value as JsonValue);

/** An instant in ISO 8601, UTC. */
export const Instant = z.iso.datetime();

export function toInstant(at: number): string {
  return new Date(at).toISOString();
}

export function toInstantOrNull(at: number | null): string | null {
  return at === null ? null : toInstant(at);
}
