import { addCalls, callAmounts, NO_AMOUNTS, type CallAmounts, type Clock, type TenantAsk } from '@baton/core';

/** So long a run that was let go on may take to hold what it wants: from then on the ledger shows it. */
const UNSEEN_MS = 10_000;
/** A run that asks again is left alone: after its first grant so long, then twice as long each time. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 256_000;
/** How long after its wait an ask of the same run counts as another one. */
const STILL_AGAIN_MS = 30_000;
/** Runs remembered at once; those longest ago are forgotten first. */
const KNOWN_RUNS = 20_000;

interface LetGo {
  readonly waitMs: number;
  readonly until: number;
  readonly forgottenAt: number;
}

/**
 * Which runs this process has let go on lately: what they want may not stand in the ledger yet, and those that ask again at once are to wait. Other
 * processes remember their own: who asks again and again, as where processes disagree on a budget, is woken by each of them, seldom enough not to be shared.
 */
export class RecentGrants {
  private unseen: { tenantId: string; amounts: CallAmounts; until: number }[] = [];
  private readonly runs = new Map<string, LetGo>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** What the ledger may not show yet, by tenant. */
  amounts(): Map<string, CallAmounts> {
    const now = this.clock.monotonic();
    this.unseen = this.unseen.filter(({ until }) => until > now);
    const sums = new Map<string, CallAmounts>();
    for (const { tenantId, amounts } of this.unseen) sums.set(tenantId, addCalls(sums.get(tenantId) ?? NO_AMOUNTS, amounts));
    return sums;
  }

  isLeftAlone(runId: string): boolean {
    const known = this.runs.get(runId);
    return known !== undefined && this.clock.monotonic() < known.until;
  }

  add({ tenantId, runId, wanted }: TenantAsk): void {
    const now = this.clock.monotonic();
    this.unseen.push({ tenantId, amounts: callAmounts(wanted), until: now + UNSEEN_MS });
    const known = this.runs.get(runId);
    const isAgain = known !== undefined && now < known.forgottenAt;
    const waitMs = isAgain ? Math.min(known.waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
    this.runs.delete(runId);
    if (this.runs.size >= KNOWN_RUNS) this.runs.delete(this.runs.keys().next().value!);
    this.runs.set(runId, { waitMs, until: now + waitMs, forgottenAt: now + 2 * waitMs + STILL_AGAIN_MS });
  }
}
