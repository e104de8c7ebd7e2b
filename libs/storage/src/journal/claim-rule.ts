import { isTerminal, type ClaimOutcome, type ClaimRequest } from '@baton/core';
import type { RunHead } from './run-head.js';

/** A claim that is granted: anew, or again because its first reply was lost. */
export type ClaimGrant = { kind: 'granted'; again: boolean };

/**
 * Decides a claim on the locked row, and takes the baton where it is free: the epoch rises, and `wakeAt` stays, so that the run is due when
 * its holder dies.
 *
 * On MySQL a claim that is alone is granted by a statement that says the same (`mysql-plain.ts`).
 *
 * `isHeld`: the lease of the holder lives. `toleranceMs`: by how much the claimer's clock may be behind the clock that set `wakeAt`.
 */
export function applyClaim(
  head: RunHead,
  request: ClaimRequest,
  isHeld: boolean,
  toleranceMs: number,
): ClaimGrant | Exclude<ClaimOutcome, { kind: 'claimed' }> {
  if (isTerminal(head.status)) return { kind: 'ended', status: head.status };
  if (head.claimToken === request.token && head.workerId === request.workerId) return { kind: 'granted', again: true };
  if (request.generation !== null && request.generation < head.generation) return { kind: 'outdated' };
  if (head.workerId !== null && isHeld) return { kind: 'held', workerId: head.workerId };
  if (head.wakeAt === null || head.wakeAt > request.at + toleranceMs) return { kind: 'not_due', wakeAt: head.wakeAt };
  head.epoch += 1;
  head.workerId = request.workerId;
  head.claimToken = request.token;
  if (head.status !== 'compensating') head.status = 'running';
  head.startedAt ??= request.at;
  head.unproductiveClaims += 1;
  return { kind: 'granted', again: false };
}
