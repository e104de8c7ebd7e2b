import type { BudgetLimits, RunParent, RunPriority, RunStatus, WorkflowRef } from '@baton/core';

/** How a row spells a {@link RunHead}. */
export interface HeadRow {
  id: string;
  tenant_id: string;
  task_id: string | null;
  status: RunStatus;
  seq: number;
  epoch: number;
  worker_id: string | null;
  claim_token: string | null;
  wake_at: number | null;
  generation: number;
  unproductive_claims: number;
  revision: number;
  started_at: number | null;
  finished_at: number | null;
  limited: number;
  priority: RunPriority;
}

/** The part of a run's row that changes in its life: what the fence decides on. */
export interface RunHead {
  readonly id: string;
  readonly tenantId: string;
  readonly taskId: string | null;
  /** It holds, or awaits, places under limits. */
  readonly limited: boolean;
  readonly priority: RunPriority;
  /** The row as it was read: what differs from it is to be written. */
  readonly stored: HeadRow;
  status: RunStatus;
  seq: number;
  epoch: number;
  workerId: string | null;
  claimToken: string | null;
  wakeAt: number | null;
  generation: number;
  /** The number of the last patch that was accepted. */
  revision: number;
  /** Claims in a row without an event of progress. */
  unproductiveClaims: number;
  startedAt: number | null;
  finishedAt: number | null;
}

/** The part that never changes; `input` is JSON text. */
export interface RunOrigin {
  readonly id: string;
  readonly workflow: WorkflowRef;
  readonly input: string;
  readonly createdAt: number;
  readonly forkedFrom: string | null;
  readonly parent: RunParent | null;
  readonly continuedFrom: string | null;
  readonly startedBy: string | null;
  readonly budget: BudgetLimits | null;
}

/** Where in which journal an entry stands, and who wrote it. */
export interface JournalPosition {
  readonly runId: string;
  readonly seq: number;
  readonly tenantId: string;
  readonly epoch: number;
}

/** An entry of the journal as its table has it; `payload` is JSON text. */
export interface JournalRow extends JournalPosition {
  readonly type: string;
  readonly v: number;
  readonly nodeId: string | null;
  readonly visit: number;
  readonly attempt: number;
  readonly at: number;
  readonly payload: string;
}
