import type { RunOutline, ViolationKind } from './journal-audit.js';

/** A violation that an auditor has found. */
export interface AuditFinding {
  readonly runId: string;
  readonly tenantId: string;
  readonly kind: ViolationKind;
  readonly detail: string;
  readonly foundAt: number;
}

/**
 * What the journal auditor reads, and the findings of all auditors.
 *
 * @throws BatonError `storage_unavailable`.
 */
export abstract class RunAudit {
  /** Runs that ended after this one and not after `until`, in the order of (finishedAt, runId). */
  abstract endedRuns(page: {
    after: { finishedAt: number; runId: string };
    until: number;
    limit: number;
  }): Promise<{ finishedAt: number; runId: string }[]>;
  /** Ids of runs in work, after this one. */
  abstract runningRuns(page: { after: string; limit: number }): Promise<string[]>;
  /** Those of the runs that exist, each with its last `maxEvents` events: all of it as it stood in one instant. */
  abstract outline(runIds: readonly string[], maxEvents: number): Promise<RunOutline[]>;
  /** Keeps a finding; false where its run has one of the kind already, from whatever auditor. */
  abstract report(finding: AuditFinding): Promise<boolean>;
  /** Newest first. */
  abstract findings(page: { since: number; limit: number }): Promise<AuditFinding[]>;
}
