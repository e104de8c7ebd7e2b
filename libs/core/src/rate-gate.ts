import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.js';
import { rateLimited, type RateClaim, type RateLimiter } from './rate-limit.js';

export interface RateGateOptions {
  /** So long a call waits where it is; one whose turn comes later fails with `rate_limited`, so that its run can be parked. */
  inPlaceMs: number;
  /** Calls whose turn would come later still are not even kept one. */
  maxWaitMs: number;
}

/** A call that has to pass. */
export interface GatedCall {
  /** For people: what it calls. */
  readonly target: string;
  readonly ticket?: string;
  readonly claims: readonly RateClaim[];
  readonly signal: AbortSignal;
}

/** Lets calls through when their turn has come. */
export class RateGate {
  constructor(
    private readonly parts: { limiter: RateLimiter; clock: Clock },
    private readonly options: RateGateOptions,
  ) {}

  /**
   * Resolves when the call may be made; one without claims at once.
   * @throws BatonError `rate_limited` with the time until its turn, which is kept for the call that comes back with the same ticket; the signal's
   *   reason once that has aborted.
   */
  async pass({ target, ticket = randomUUID(), claims, signal }: GatedCall): Promise<void> {
    if (claims.length === 0) return;
    const { limiter, clock } = this.parts;
    const turn = await limiter.take({ ticket, claims, ...this.options });
    const label = claims[turn.claim]?.label ?? claims.map((claim) => claim.label).join('; ');
    if (turn.kind === 'full') throw rateLimited(target, label, turn.retryAfterMs);
    if (turn.waitMs > this.options.inPlaceMs) throw rateLimited(target, label, turn.waitMs);
    if (turn.waitMs > 0) await clock.sleep(turn.waitMs, signal);
    if (!signal.aborted) return;
    await this.giveBack(claims);
    signal.throwIfAborted();
  }

  /** Corrects what calls have taken: `cost` is the difference to what they cost in truth. */
  async settle(claims: readonly RateClaim[]): Promise<void> {
    const changed = claims.filter(({ cost }) => cost !== 0);
    if (changed.length > 0) await this.parts.limiter.settle(changed);
  }

  private giveBack(claims: readonly RateClaim[]): Promise<void> {
    return this.settle(claims.map((claim) => ({ ...claim, cost: -claim.cost })));
  }
}
