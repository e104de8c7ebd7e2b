import { z } from 'zod';
import { circuitState, MAX_TARGET_CHARS, type TargetHealth } from '@baton/core';
import { Instant, toInstantOrNull } from './json.js';
import { Limit } from './page.js';

/** How far back calls are looked at. */
const WINDOW_MINUTES = 15;

export const TargetReply = z.object({
  target: z.string(),
  state: z.enum(['closed', 'open', 'half_open']).describe('`half_open`: the next call tries whether it is back.'),
  failures_in_a_row: z.int(),
  since: Instant.nullable().describe('Since when calls are stopped.'),
  until: Instant.nullable().describe('From when on one call may try.'),
  last_error: z.object({ message: z.string(), at: Instant.nullable() }).nullable(),
  window: z.object({
    minutes: z.int(),
    calls: z.int(),
    failures: z.int(),
    success_rate: z.number().nullable().describe('Null: it was not called.'),
    average_ms: z.int().nullable(),
    max_ms: z.int().nullable(),
  }),
});
export type TargetReply = z.infer<typeof TargetReply>;

/** A page of targets begins after a name. */
export const TargetsQuery = z.strictObject({ limit: Limit, after: z.string().max(MAX_TARGET_CHARS).optional() });
export type TargetsQuery = z.infer<typeof TargetsQuery>;

export const TargetsReply = z.object({ items: z.array(TargetReply), next_after: z.string().nullable() });

/** The instant from which on calls are looked at. */
export function windowStart(now: number): number {
  return now - WINDOW_MINUTES * 60_000;
}

export function toTargetReply({ circuit, calls, failures, averageMs, maxMs }: TargetHealth, now: number): TargetReply {
  return {
    target: circuit.target,
    state: circuitState(circuit, now),
    failures_in_a_row: circuit.failures,
    since: toInstantOrNull(circuit.openedAt),
    until: toInstantOrNull(circuit.openUntil),
    last_error: circuit.lastError === null ? null : { message: circuit.lastError, at: toInstantOrNull(circuit.failedAt) },
    window: {
      ...{ minutes: WINDOW_MINUTES, calls, failures },
      success_rate: calls === 0 ? null : (calls - failures) / calls,
      average_ms: averageMs === null ? null : Math.round(averageMs),
      max_ms: maxMs,
    },
  };
}
