import type { ErrorInfo, LockMethod, TerminalRunStatus, ViolationKind } from '@baton/core';

/** What the engine tells of its work: metrics, log lines and sentinels are made of it. Every method returns at once and never throws. */
export interface EngineObserver {
  /** The `/run-agents` handler was entered. */
  submitEntered(e: { taskId: string }): void;
  /** A submission holds the task: lock and SQL mark. */
  submitAcquired(e: { taskId: string; runId: string; method: LockMethod; tokenLength: number }): void;
  /** A submission was refused: `runId` is the live run in its way. */
  submitConflict(e: { taskId: string; runId: string | null; method: LockMethod; tokenLength: number }): void;
  runSubmitted(e: { runId: string; taskId: string | null }): void;
  /** A start was refused for what is live or queued already: `limit` says which limit. */
  startRefused(e: {
    code: 'limit_reached' | 'already_executing' | 'backlog_full';
    limit: 'tenant' | 'workflow' | 'backlog';
  }): void;
  /** A run was accepted under a full limit: it waits outside the queue. */
  runWaitsForPlace(e: { runId: string; taskId: string | null }): void;
  /** Runs in the line of a limit got their places. */
  runsAdmitted(e: { scope: string; runs: number }): void;
  /** A run has left a dead letter with its end. */
  deadLetterLeft(e: { runId: string; kind: 'run' | 'nodes'; code: string }): void;
  /** The queue did not take a run; the waker will dispatch it. */
  dispatchFailed(runId: string, error: unknown): void;
  /** `queuedMs`: from the acceptance of the run to this, its first claim; null of a later one. */
  runClaimed(e: { runId: string; taskId: string | null; epoch: number; workerId: string; queuedMs: number | null }): void;
  /** A job found nothing to do: held elsewhere, ended, outdated, not due. */
  claimRefused(e: { runId: string; reason: string }): void;
  nodeEnded(e: {
    runId: string;
    taskId: string | null;
    nodeId: string;
    type: string;
    outcome: 'completed' | 'failed' | 'skipped';
    ms: number;
    error?: ErrorInfo;
  }): void;
  runEnded(e: { runId: string; taskId: string | null; status: TerminalRunStatus; ms: number }): void;
  runParked(e: { runId: string; taskId: string | null; wakeAt: number | null }): void;
  /** The baton was lost or laid down before the run's end. */
  runLetGo(e: { runId: string; taskId: string | null; reason: string }): void;
  /** The worker's lease was asked to go on. `lost`: it had ended before; `unreachable`: the database did not answer. */
  leaseRenewed(outcome: 'renewed' | 'lost' | 'unreachable'): void;
  /** A worker was found dead before its lease had ended, by its `sign`; `raised` of its runs were dispatched again at once. */
  workerRescued(e: { workerId: string; sign: 'process' | 'connections'; raised: number }): void;
  /** A pass of the waker. */
  wakerPassed(e: { due: number; raised: number; wiped: boolean }): void;
  /** A pass of the checkpoint writer that had something to do, or not. */
  checkpointsPassed(e: { written: number; removed: number }): void;
  /** A pass of the lock reaper: locks that it saw, and those that nobody needed any more. */
  locksReaped(e: { seen: number; freed: number }): void;
  /** A pass of the run remover. */
  runsRemoved(e: { removed: number; archived: number; cleared: number }): void;
  /** A run that is to be removed could not be archived: it stays until that is possible. */
  runNotArchived(e: { runId: string; error: unknown }): void;
  /** A pass of the budget sweeper. */
  budgetsSwept(e: { settled: number; released: number; forgotten: number }): void;
  /** A pass of the budget granter. */
  budgetsGranted(e: { asks: number; granted: number }): void;
  /** A pass of the journal auditor. */
  auditPassed(e: { runs: number; violations: number }): void;
  /** A run is as none may be: told once for a run and kind, by whichever auditor found it. */
  auditViolation(e: { runId: string; kind: ViolationKind; detail: string }): void;
  /** A pass of the run counter: runs that it added to the sums, and those of them whose ends were committed late. */
  runsCounted(e: { runs: number; late: number }): void;
  /** A checkpoint was not used or, by its `size`, not kept: the journal is read from its beginning instead. */
  checkpointIgnored(e: { runId: string; reason: string }): void;
  /** Calls to a target have failed: the next ones are refused for `ms`. */
  circuitOpened(e: { tenantId: string; target: string; failures: number; lastError: string | null; ms: number }): void;
  /** The target answers again. */
  circuitClosed(e: { tenantId: string; target: string }): void;
  /** Lines that nodes have logged were written; `dropped`: of attempts that have ended since. */
  logsWritten(e: { kept: number; dropped: number }): void;
  /** A pass of the pool rescuer. */
  poolsRescued(e: { idle: number; raised: number }): void;
  /** A pass of the ingest sweeper. */
  ingestSwept(e: { removals: number; batches: number; blobs: number }): void;
  /** Something failed that the engine repairs by itself. */
  trouble(e: { what: string; error: unknown; runId?: string }): void;
}

/** Hears nothing. */
export const silentObserver: EngineObserver = {
  submitEntered: () => undefined,
  submitAcquired: () => undefined,
  submitConflict: () => undefined,
  runSubmitted: () => undefined,
  startRefused: () => undefined,
  runWaitsForPlace: () => undefined,
  runsAdmitted: () => undefined,
  deadLetterLeft: () => undefined,
  dispatchFailed: () => undefined,
  runClaimed: () => undefined,
  claimRefused: () => undefined,
  nodeEnded: () => undefined,
  runEnded: () => undefined,
  runParked: () => undefined,
  runLetGo: () => undefined,
  leaseRenewed: () => undefined,
  workerRescued: () => undefined,
  wakerPassed: () => undefined,
  checkpointsPassed: () => undefined,
  checkpointIgnored: () => undefined,
  auditPassed: () => undefined,
  auditViolation: () => undefined,
  runsCounted: () => undefined,
  locksReaped: () => undefined,
  budgetsSwept: () => undefined,
  budgetsGranted: () => undefined,
  runsRemoved: () => undefined,
  runNotArchived: () => undefined,
  circuitOpened: () => undefined,
  circuitClosed: () => undefined,
  logsWritten: () => undefined,
  poolsRescued: () => undefined,
  ingestSwept: () => undefined,
  trouble: () => undefined,
};
