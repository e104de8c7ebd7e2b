import type { DeadLetterDraft } from './dead-letter.js';
import type { ErrorInfo } from './errors.js';
import type { RunParent } from './child-run.js';
import type { Approval, ApprovalDecision, ApprovalKey, ApprovalStatus } from './approval.js';
import type { BudgetStart } from './budget.js';
import type { VoteOutcome } from './approval-vote.js';
import type { Role } from './role.js';
import { runEvent, type EventDraft, type EventPayload, type JournalEvent } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';
import type { IdlePoolJobsQuery, PoolJob, PoolJobChange, PoolJobOutcome } from './pool-job.js';
import type { PoolDispatch } from './pool-queue.js';
import type { Run, RunPriority, RunStatus, RunWithResult, TerminalRunStatus, WorkflowRef } from './run.js';
import type { Dispatch, RunDispatch } from './run-queue.js';
import type { PatchOutcome, Revision, RevisionDraft, RevisionQuery } from './run-revision.js';
import type { Signal, SignalType } from './signal.js';
import type { LockRecord } from './lock-history.js';
import type { RunLimit } from './run-limit.js';

/** A run to accept. Its id is fresh and chosen by the caller, so that a lost reply can be recognised. */
export interface Submission {
  runId: string;
  tenantId: string;
  taskId: string | null;
  workflow: WorkflowRef;
  input: JsonValue;
  /** `normal` when absent. */
  priority?: RunPriority;
  /** Who starts it: goes into its first event. Unknown when absent. */
  by?: string;
  /** What its start lowers of its budget, and the budgets that it shares: goes into its first event. */
  budget?: BudgetStart;
  /** What a fork takes over: goes into its first event. */
  fork?: Required<Pick<EventPayload<'run.submitted'>, 'forked_from' | 'snapshot'>>;
  /** The limits that it is under; each keeps count of the runs that were submitted under it. None: nothing is counted. */
  limits?: readonly RunLimit[];
  /** Whose child it is. */
  parent?: RunParent;
  /** The run that goes on in it. */
  continuedFrom?: NonNullable<EventPayload<'run.submitted'>['continued_from']>;
  /** The caller's Idempotency-Key with a digest of the request it was first used for. */
  idempotency: { key: string; requestDigest: string } | null;
  at: number;
  /** How the submitter holds the task: kept in the task's lock history, as acquired or as a conflict, in the same commit. */
  lock: Pick<LockRecord, 'method' | 'holder' | 'tokenLength'> | null;
}

/** The first event of a run, written with its row. */
export function submittedEvent({
  workflow,
  by,
  budget,
  fork,
  parent,
  continuedFrom,
  at,
}: Pick<Submission, 'workflow' | 'by' | 'budget' | 'fork' | 'parent' | 'continuedFrom' | 'at'>): EventDraft {
  const { id, name, version, digest } = workflow;
  return runEvent('run.submitted', at, {
    ...{ workflow_id: id, workflow_name: name, workflow_version: version, digest },
    ...(by !== undefined && { by }),
    ...(budget !== undefined && { budget }),
    ...fork,
    ...(parent !== undefined && { parent: { run_id: parent.runId, node_id: parent.nodeId, index: parent.index } }),
    ...(continuedFrom !== undefined && { continued_from: continuedFrom }),
  });
}

export type SubmitOutcome =
  /** `wakeAt` null: it waits outside the queue for a place under its limits. */
  | { kind: 'accepted'; run: Run }
  /** A limit is full, and refuses what comes above it. `liveRunId`: the run that holds the place, where there is one place. */
  | { kind: 'limited'; limit: RunLimit; live: number; liveRunId: string | null }
  /** The task has a live run already. */
  | { kind: 'duplicate'; liveRunId: string }
  /** The Idempotency-Key was used before for the same request: its run. */
  | { kind: 'replayed'; run: Run }
  | { kind: 'key_reused'; runId: string }
  | { kind: 'task_missing' };

export interface ClaimRequest {
  runId: string;
  workerId: string;
  /** Fresh per claim and stored by it, so that a lost reply can be recognised. */
  token: string;
  /** The generation of the job that asks; an older one than the row's is refused. Null: any. */
  generation: number | null;
  at: number;
  lock: Pick<LockRecord, 'method' | 'holder' | 'tokenLength'> | null;
}

export type ClaimOutcome =
  /**
   * `claims`: claims in a row, this one included, without an event of progress. `signals`: some waited in the inbox when the claim was
   * granted; whoever sends one later finds the holder in the row, and rings it.
   */
  | { kind: 'claimed'; run: Run; claims: number; signals: boolean }
  /** A worker whose lease lives holds the baton. */
  | { kind: 'held'; workerId: string }
  /** The job is of an older generation than the row. */
  | { kind: 'outdated' }
  /** Nothing to do before `wakeAt` (null: before a signal). */
  | { kind: 'not_due'; wakeAt: number | null }
  | { kind: 'ended'; status: TerminalRunStatus }
  | { kind: 'missing' };

/** What becomes of the baton with an append. */
export type Settlement =
  /** Park: nothing to do before `wakeAt` or a signal; `paused`: by somebody's wish. Refused when the inbox is not empty. */
  | { kind: 'park'; wakeAt: number | null; paused?: boolean }
  /** Hand back: another worker may claim at once. `uncounted`: the claim does not count against the poison limit. */
  | { kind: 'hand_back'; wakeAt: number; uncounted: boolean }
  /** The terminal event is the last of `events`; the run row and the task row change with it. */
  | {
      kind: 'end';
      status: TerminalRunStatus;
      /** The run belongs to no task: no row of one is looked for. */
      withoutTask?: boolean;
      /** What it leaves behind that failed for good: written with the end. */
      deadLetter?: DeadLetterDraft;
      /** The run may have open approvals: they close with it. */
      closesApprovals?: boolean;
      /** The last revision that the writer has answered: the end is refused (`inbox`) when a later one waits. Without it the end wins. */
      revision?: number;
      /** The run may have nodes out in pools: their rows go with it. */
      closesPoolJobs?: boolean;
      /** The parent, which gets a signal `child` in the same commit, unless it has ended. */
      tells?: { runId: string; payload: JsonObject };
      /**
       * The run in which it goes on, accepted in the same commit as the task's live run. Refused while signals wait besides the consumed
       * ones: who has sent them means the run as it goes on.
       */
      continuesAs?: Submission;
    };

export interface AppendRequest {
  runId: string;
  /** The epoch of the writer's claim. */
  epoch: number;
  /** The last seq that the writer knows; its events follow from `baseSeq + 1`. */
  baseSeq: number;
  events: readonly EventDraft[];
  /** Ids of the signals that these events answer; they leave the inbox in the same commit. */
  consumed?: readonly number[];
  /** Dispatches that the run wants no more, by the seq of their event: their rows are removed in the same commit. */
  closedPoolJobs?: readonly number[];
  /** Children that become runs in the same commit. They belong to no task. */
  starts?: readonly Submission[];
  settle?: Settlement;
  /** What never changes of the run, where its writer knows it: then it need not be read. */
  run?: Pick<Run, 'tenantId' | 'taskId' | 'limited' | 'workflow'>;
}

/** A run in line asks for its places, under the limits as they were last stated. */
export interface AdmitRequest {
  runId: string;
  limits: readonly RunLimit[];
  at: number;
}

export type AdmitOutcome =
  | 'admitted'
  /** A limit is still full, perhaps another than before: it stands in that one's line now. */
  | 'waits'
  /** It waits for no place: it has them, or has ended. */
  | 'none';

export type AppendOutcome =
  | { kind: 'appended'; seq: number }
  /**
   * Another owner has claimed the run, it has ended, or (`seq`) the journal does not stand at `baseSeq` though the epoch is the writer's:
   * stop and abort, never re-read and try again.
   */
  | { kind: 'fenced'; reason: 'epoch' | 'ended' | 'missing' | 'seq' }
  /** A park, or an end that goes on as another run, was refused because signals wait; or an end because a patch does. Nothing was written. */
  | { kind: 'inbox' };

export type SignalOutcome = { kind: 'sent'; signalId: number; workerId: string | null } | { kind: 'ended' } | { kind: 'missing' };

/** `refused`: nothing was written. */
export type DecideOutcome = VoteOutcome | { kind: 'missing' };

export interface ApprovalQuery {
  tenantId: string;
  status: ApprovalStatus;
  runId?: string;
  nodeId?: string;
  workflowId?: string;
  /** Those that ask for this very role. */
  role?: Role;
  /** When they were asked for: `from` included, `to` not. */
  requestedFrom?: number;
  requestedTo?: number;
  /** Keyset: those that stand after this one in the order of the list. */
  after?: { requestedAt: number; id: string };
  limit: number;
}

/** A run that has not ended, and who holds it. */
export interface LiveRun {
  runId: string;
  taskId: string | null;
  workerId: string | null;
}

/** A run that wants a worker and is held by no live lease. */
export interface DueRun extends Dispatch {
  wakeAt: number;
  /** The worker that died with the baton, if one did. */
  deadWorkerId: string | null;
}

export interface DueQuery {
  now: number;
  /** Keyset: only rows after this one, in the order of (wakeAt, runId). */
  after?: { wakeAt: number; runId: string };
  /** Only runs whose baton one of these workers has died with. */
  heldBy?: readonly string[];
  limit: number;
}

export interface RunQuery {
  tenantId: string;
  taskId?: string;
  status?: RunStatus;
  workflowId?: string;
  /** Whose children they are. */
  parentId?: string;
  /** Those whose ids begin so. */
  idPrefix?: string;
  /** Only those that have not ended. */
  live?: boolean;
  /** The instants between which it was accepted, `from` included and `to` not. */
  createdFrom?: number;
  createdTo?: number;
  /** Keyset: runs created before this one, newest first. */
  before?: { createdAt: number; runId: string };
  limit: number;
}

/** Told after each commit of this process, with what others may want to hear; must not throw. */
export type CommitListener = (notice: CommitNotice) => void;
export interface CommitNotice {
  /** Runs whose journal has grown, with their last seq; `ended`: that is their terminal event. */
  grown: { runId: string; taskId: string | null; seq: number; ended: boolean }[];
  /** Runs that got a signal, with the worker that holds them. */
  signalled: (RunDispatch & { workerId: string | null })[];
  /** Nodes that go to a pool. */
  dispatched: PoolDispatch[];
  /** Runs that other runs have started: they want a worker. */
  started: RunDispatch[];
}

/**
 * The truth about runs: rows, journals and inboxes in SQL.
 *
 * Every write of the process goes through one group commit: what is asked for while a commit is in flight shares the next one.
 * A promise resolves only after COMMIT has returned. One run's failure fails that run's request alone.
 *
 * Inputs, events and signals are in the form of {@link PayloadReference}: from the commit that writes a reference down on, the run refers to the
 * blob, which is not collected any more.
 *
 * @throws BatonError `storage_unavailable` when the database cannot be reached within the configured bound: the write then did not happen,
 * or its outcome is found out by the next claim.
 */
export abstract class RunStore {
  /**
   * Accepts a run: its row, its first event, the task's `running` mark (set only where it is not), and its places under its limits, in one
   * commit. The counts of limits are exact, however many processes submit; a run that a limit displaces is told to cancel in the same commit.
   */
  abstract submit(submission: Submission): Promise<SubmitOutcome>;
  /** Raises the epoch, unless a worker whose lease lives holds the run, it is not due, or it has ended. */
  abstract claim(request: ClaimRequest): Promise<ClaimOutcome>;
  /** Appends events under the writer's epoch, and settles the baton, in one commit. */
  abstract append(request: AppendRequest): Promise<AppendOutcome>;
  /** Gives a run in line its places and tells it by a signal `admit`, in one commit, if none before it in its lines is passed over. */
  abstract admit(request: AdmitRequest): Promise<AdmitOutcome>;
  /** Puts a signal into a run's inbox and makes the run due, in one commit. */
  abstract signal(runId: string, type: SignalType, payload: JsonObject, at: number): Promise<SignalOutcome>;

  /**
   * Counts a decision on an open approval, by {@link ruleOnVote}; the one that decides it tells its run by a signal `decide`, in the same commit.
   * Safe to send again after a lost reply: the token says that it is the same decision.
   */
  abstract decide(decision: ApprovalDecision): Promise<DecideOutcome>;

  /**
   * Makes the next revision of a live run, if it has the revision that the draft was made from, and tells the run by a signal `patch`, in one
   * commit. What the revision's digest stands for must be kept before. Safe to send again: the token says that it is the same.
   */
  abstract patch(draft: RevisionDraft): Promise<PatchOutcome>;
  /** Newest first. How they stand changes in the commits of the journal. */
  abstract listRevisions(query: RevisionQuery): Promise<Revision[]>;

  /**
   * Approvals of a status, in the order of (requestedAt, id): open ones beginning with the one that has waited longest, all others with the one
   * that was asked for last. They open and close in the commits of the journal.
   */
  abstract listApprovals(query: ApprovalQuery): Promise<Approval[]>;
  abstract findApproval(key: ApprovalKey): Promise<Approval | null>;
  /** Decides a change of a pool job on its row, with what the run is told of it, in one commit. Safe to send again after a lost reply. */
  abstract changePoolJob(change: PoolJobChange): Promise<PoolJobOutcome>;
  /** Those of these dispatches of a run whose rows are open, in no order. */
  abstract findPoolJobs(runId: string, seqs: readonly number[]): Promise<PoolJob[]>;
  /** Open pool jobs that no live worker holds, in the order of (dispatchedAt, id). */
  abstract idlePoolJobs(query: IdlePoolJobsQuery): Promise<PoolJob[]>;
  /** The inboxes of these runs, oldest first. */
  abstract readSignals(runIds: readonly string[]): Promise<Signal[]>;
  /** Events after `afterSeq`, in order, at most `limit`. */
  abstract readJournal(runId: string, afterSeq: number, limit: number): Promise<JournalEvent[]>;
  abstract findRun(runId: string): Promise<RunWithResult | null>;
  /** Those of the runs that exist, in no order. */
  abstract findRuns(runIds: readonly string[]): Promise<RunWithResult[]>;
  /** Those of the runs, and of the runs of these tasks in all tenants, that have not ended. */
  abstract liveRuns(of: { runIds: readonly string[]; taskIds: readonly string[] }): Promise<LiveRun[]>;
  abstract listRuns(query: RunQuery): Promise<Run[]>;
  abstract countRuns(): Promise<Partial<Record<RunStatus, number>>>;
  /** Runs that are queued, those in the lines of limits included; counts no further than `atMost`. Of all tenants, unless one is named. */
  abstract countQueued(atMost: number, tenantId?: string): Promise<number>;

  /** Runs with `wakeAt <= now` that no live lease holds, in the order of (wakeAt, runId). */
  abstract dueRuns(query: DueQuery): Promise<DueRun[]>;
  /**
   * Raises the generation where it still is the given one and the run is still due, and takes the baton from a dead holder, so that the
   * next question finds a run that only lacks a job. Returns the dispatches of the runs that this call raised.
   */
  abstract raiseGenerations(runs: readonly Dispatch[], now: number): Promise<RunDispatch[]>;

  /** Whether the database answers now, measured by a statement within a bound. */
  abstract ping(): Promise<boolean>;
  /** Hears of every commit of this process, and must not throw: the commit stands, and nobody handles that error. Returns the way to stop. */
  abstract onCommit(listener: CommitListener): () => void;
}

/** The terminal event's payload as a result. */
export interface RunResult {
  output: JsonValue | null;
  error: ErrorInfo | null;
}
