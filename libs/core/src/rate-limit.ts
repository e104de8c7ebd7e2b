import { BatonError, type ErrorInfo } from './errors.js';

/** How much may pass: `amount` in `perMs` on average, and `burst` of it at once after a quiet time. */
export interface RateLimit {
  readonly amount: number;
  readonly perMs: number;
  readonly burst: number;
}

/** What a call wants of one limit. Calls with the same key share it, over all workers. */
export interface RateClaim {
  readonly key: string;
  readonly limit: RateLimit;
  /** More than the burst waits for as much as the burst does, and is then paid off by those behind it. */
  readonly cost: number;
  /** For people: which limit. */
  readonly label: string;
}

export interface TurnRequest {
  /** Unique to the call, and the same when it asks again. */
  readonly ticket: string;
  /** At least one. The call has its turn when all of them let it through. */
  readonly claims: readonly RateClaim[];
  /** So long the caller waits by itself; a turn that is further off is kept for it under its ticket, for {@link KEPT_TURN_MS} from then on. */
  readonly inPlaceMs: number;
  /** No turn is given that is further off. */
  readonly maxWaitMs: number;
}

/** When a call may be made. `claim`: the place, in the request, of the limit that it waits for longest; -1 where that is not known. */
export type Turn =
  | { readonly kind: 'turn'; readonly waitMs: number; readonly claim: number }
  /** No turn within the longest wait: nothing is kept, and there is one after `retryAfterMs` at the earliest. */
  | { readonly kind: 'full'; readonly retryAfterMs: number; readonly claim: number };

/** So long a kept turn may be late: a run that was paused meanwhile asks for another one. */
export const KEPT_TURN_MS = 60_000;

/**
 * Hands out turns under rate limits, in the order in which they are asked for (generic cell rate algorithm, with the wait given instead of a
 * refusal). So no caller passes another, and none asks twice.
 */
export abstract class RateLimiter {
  /** Never rejects where only its store is away: see the adapter for what it does then. */
  abstract take(request: TurnRequest): Promise<Turn>;
  /** Corrects what was taken, once the true cost is known; `cost` is the difference, below zero to give back. */
  abstract settle(claims: readonly RateClaim[]): Promise<void>;
}

/** Milliseconds that one unit takes of a limit. */
export function unitMs({ amount, perMs }: RateLimit): number {
  return perMs / amount;
}

/**
 * One step of the algorithm: when the claim may be used, given when all that was taken before is paid off (`paidAt`), and when all is paid
 * off with it. Instants are milliseconds on one clock.
 */
export function claimTurn(paidAt: number, now: number, { limit, cost }: RateClaim): { at: number; paidAt: number } {
  const from = Math.max(paidAt, now);
  return { at: from + (Math.min(cost, limit.burst) - limit.burst) * unitMs(limit), paidAt: from + cost * unitMs(limit) };
}

/** The failure of a call whose turn comes later: nothing was called, so that it takes no try from the node. */
export function rateLimited(target: string, limit: string, retryAfterMs: number): BatonError {
  const seconds = Math.ceil(retryAfterMs / 1_000);
  return new BatonError(
    'rate_limited',
    `Calls to ${target} are limited (${limit}): the turn of this one comes in ${seconds} s.`,
    { target, limit },
    { retryable: true, retryAfterSeconds: retryAfterMs / 1_000 },
  );
}

/** Whether a failure is that of {@link rateLimited}. */
export function isRateLimited({ code }: Pick<ErrorInfo, 'code'>): boolean {
  return code === 'rate_limited';
}
