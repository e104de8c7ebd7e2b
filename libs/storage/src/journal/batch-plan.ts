import {
  dispatchOf,
  draftedRevision,
  freshPoolJob,
  isTerminal,
  isEscalation,
  openedApproval,
  poolDispatchOf,
  poolJobId,
  ruleOnVote,
  taskStatusAfter,
  type Approval,
  type CommitNotice,
  type LockRecord,
  type PoolJob,
  type TaskStatus,
} from '@baton/core';
import { ApprovalBook } from './approval-rows.js';
import { applyAppend } from './append-rule.js';
import { BlobReferenceBook } from './blob-references.js';
import { applyClaim } from './claim-rule.js';
import { DEFERRED } from './commit-dialect.js';
import type { NewDeadLetter } from './dead-letter-rows.js';
import { InboxBook, type InboxRow, type NewSignal } from './inbox-rows.js';
import { RevisionBook, type RevisionRow } from './revision-rows.js';
import { PlaceBook, type PlaceView } from './place-book.js';
import { toRun } from './run-rows.js';
import type { NewUsage } from './usage-rows.js';
import { PoolJobBook } from './pool-rows.js';
import type { JournalRow, RunHead, RunOrigin } from './run-head.js';
import { decideSubmission, scoped, type SortedSubmissions, type SubmitWrite, type TaskMarks } from './submissions.js';
import {
  waitingEvent,
  type NewRun,
  type OutcomeOf,
  type WriteOf,
  type WriteOutcome,
  type WriteRequest,
} from './write-request.js';

/** What was read, under the rows' locks, before a batch is decided. */
export interface BatchView {
  /** An earlier try of the batch may have committed. */
  readonly verify: boolean;
  readonly submissions: SortedSubmissions;
  readonly marks: TaskMarks;
  /** Locked rows; decisions change them. */
  readonly heads: ReadonlyMap<string, RunHead>;
  /** Rows that another transaction has locked. */
  readonly skipped: ReadonlySet<string>;
  /** {@link scoped} ids of tasks that another transaction has locked. */
  readonly skippedTasks: ReadonlySet<string>;
  /** For claims. */
  readonly origins: ReadonlyMap<string, RunOrigin>;
  readonly liveWorkers: ReadonlySet<string>;
  /** Inboxes of the runs that are claimed or want to park, and, when an earlier try is verified, of the runs that get a signal. */
  readonly inbox: readonly InboxRow[];
  /** Journal rows that an append may have written before. */
  readonly journal: readonly JournalRow[];
  /** Approvals that are to be decided, or pass to others. */
  readonly approvals: readonly Approval[];
  /** Revisions that patches of the batch may have made before. */
  readonly revisions: readonly RevisionRow[];
  /** Pool jobs that are to change. */
  readonly poolJobs: readonly PoolJob[];
  readonly places: PlaceView;
}

export interface EndedTask {
  readonly tenantId: string;
  readonly taskId: string;
  readonly runId: string;
  readonly status: TaskStatus;
  /** The run that goes on for it; null: it has no live run any more. */
  readonly nextRunId: string | null;
  readonly at: number;
}

export type NewLockRecord = Omit<LockRecord, 'id'> & { tenantId: string };

/** The decisions on one batch, and what they change. Pure: it reads a view and writes nothing. */
export class BatchPlan {
  readonly outcomes: (WriteOutcome | typeof DEFERRED)[];
  readonly notice: CommitNotice = { grown: [], signalled: [], started: [], dispatched: [] };
  readonly newRuns: SubmitWrite[] = [];
  /** Runs that other runs have started. */
  readonly startedRuns: (NewRun & { readonly limited: boolean })[] = [];
  readonly journal: JournalRow[] = [];
  readonly changedHeads = new Set<RunHead>();
  readonly endedTasks: EndedTask[] = [];
  readonly lockRecords: NewLockRecord[] = [];
  readonly deadLetters: NewDeadLetter[] = [];
  readonly usage: NewUsage[] = [];
  readonly inbox: InboxBook;
  readonly approvals: ApprovalBook;
  readonly revisions: RevisionBook;
  readonly poolJobs: PoolJobBook;
  readonly places: PlaceBook;
  readonly blobs = new BlobReferenceBook();

  private readonly claimed = new Set<string>();
  private readonly journaled = new Map<string, JournalRow>();
  /** Runs that got the mark of their task in vain: a limit refused them, or they must wait. */
  private readonly unsettled = new Set<string>();

  constructor(
    batch: readonly WriteRequest[],
    private readonly view: BatchView,
    private readonly toleranceMs: number,
  ) {
    this.inbox = new InboxBook(view.inbox);
    this.approvals = new ApprovalBook(view.approvals);
    this.revisions = new RevisionBook(view.revisions);
    this.poolJobs = new PoolJobBook(view.poolJobs);
    this.places = new PlaceBook(
      view.places,
      view.heads,
      ({ status }) => !isTerminal(status),
      (head, payload, at) => this.addSignal(head, { runId: head.id, tenantId: head.tenantId, type: 'cancel', payload, at }),
    );
    for (const row of view.journal) this.journaled.set(placeOf(row.runId, row.seq), row);
    this.outcomes = batch.map((request) => this.decide(request));
  }

  private decide(request: WriteRequest): WriteOutcome | typeof DEFERRED {
    if (request.kind === 'submit') return this.decideSubmit(request);
    if (this.view.skipped.has(request.runId)) return DEFERRED;
    const head = this.view.heads.get(request.runId);
    switch (request.kind) {
      case 'claim':
        return this.decideClaim(head, request);
      case 'append':
        return this.decideAppend(head, request);
      case 'signal':
        return this.decideSignal(head, request);
      case 'decide':
        return this.decideApproval(head, request);
      case 'patch':
        return this.decidePatch(head, request);
      case 'pool':
        return this.decidePoolJob(head, request);
      case 'admit':
        return this.decideAdmission(head, request);
      case 'raise':
        return this.decideRaise(head, request);
    }
  }

  private decideSubmit(submit: SubmitWrite): OutcomeOf<'submit'> | typeof DEFERRED {
    const answer = this.view.submissions.answered.get(submit);
    if (answer !== undefined) return answer;
    const outcome = this.admitNew(submit, decideSubmission(submit, this.view.marks));
    if (outcome === DEFERRED) return outcome;
    const { runId, tenantId, taskId, lock, at } = submit.submission;
    if (outcome.kind === 'accepted') {
      this.newRuns.push(submit);
      this.acceptRun(this.places.waits(runId) ? { ...submit, first: waitingEvent(submit.first) } : submit);
    }
    if (lock !== null && taskId !== null) {
      const record = { tenantId, taskId, operation: 'submit', holder: lock.holder, tokenLength: lock.tokenLength, at } as const;
      if (outcome.kind === 'accepted') this.lockRecords.push({ ...record, runId, event: 'acquired', method: lock.method });
      if (outcome.kind === 'duplicate') {
        this.lockRecords.push({ ...record, runId: outcome.liveRunId, event: 'conflict', method: 'sql' });
      }
    }
    return outcome;
  }

  /** What is accepted needs its places, too. */
  private admitNew(submit: SubmitWrite, outcome: OutcomeOf<'submit'> | typeof DEFERRED): OutcomeOf<'submit'> | typeof DEFERRED {
    if (outcome === DEFERRED) return outcome;
    if (outcome.kind === 'duplicate' && this.unsettled.has(outcome.liveRunId)) return DEFERRED;
    if (outcome.kind !== 'accepted') return outcome;
    const otherwise = this.places.submit(submit);
    if (otherwise !== null) {
      this.unsettled.add(submit.runId);
      return otherwise;
    }
    return this.places.waits(submit.runId) ? { ...outcome, run: { ...outcome.run, wakeAt: null } } : outcome;
  }

  private decideAdmission(head: RunHead | undefined, write: WriteOf<'admit'>): OutcomeOf<'admit'> | typeof DEFERRED {
    if (head === undefined || isTerminal(head.status)) return 'none';
    const outcome = this.places.admit(write);
    const { id: runId, tenantId } = head;
    if (outcome === 'admitted') this.addSignal(head, { runId, tenantId, type: 'admit', payload: '{}', at: write.request.at });
    return outcome;
  }

  private acceptRun({ submission: { runId, tenantId, taskId }, input, first }: NewRun): void {
    this.blobs.note(tenantId, runId, input);
    this.blobs.note(tenantId, runId, first.payload);
    this.journal.push({ ...first, runId, tenantId, seq: 1, epoch: 0 });
    this.notice.grown.push({ runId, taskId, seq: 1, ended: false });
  }

  private decideClaim(head: RunHead | undefined, { request }: WriteOf<'claim'>): OutcomeOf<'claim'> {
    if (head === undefined) return { kind: 'missing' };
    const grant = applyClaim(head, request, this.isHeld(head), this.toleranceMs);
    if (grant.kind !== 'granted') return grant;
    if (!grant.again) {
      this.changedHeads.add(head);
      this.claimed.add(head.id);
      const { tenantId, taskId, id: runId } = head;
      if (request.lock !== null && taskId !== null) {
        this.lockRecords.push({
          ...request.lock,
          tenantId,
          taskId,
          runId,
          operation: 'advance',
          event: 'acquired',
          at: request.at,
        });
      }
    }
    const run = toRun(head, this.view.origins.get(head.id)!);
    return { kind: 'claimed', run, claims: head.unproductiveClaims, signals: this.inbox.hasSignals(head.id) };
  }

  private decideAppend(head: RunHead | undefined, write: WriteOf<'append'>): OutcomeOf<'append'> | typeof DEFERRED {
    if (head === undefined) return { kind: 'fenced', reason: 'missing' };
    const { id: runId, tenantId, taskId } = head;
    const ends = write.request.settle?.kind === 'end';
    if (ends && taskId !== null && this.view.skippedTasks.has(scoped(tenantId, taskId))) return DEFERRED;
    if (write.told !== null && this.view.skipped.has(write.told.runId)) return DEFERRED;
    const { epoch, baseSeq, consumed = [] } = write.request;
    const decision = applyAppend(head, write, {
      hasOtherSignals: () => this.inbox.hasSignals(runId, consumed),
      journaledAt: (seq) => this.journaled.get(placeOf(runId, seq)),
    });
    if (decision.kind === 'answered') return decision.outcome;
    this.changedHeads.add(head);
    write.events.forEach((event, index) => {
      const row = { ...event, runId, tenantId, epoch, seq: baseSeq + index + 1 };
      this.journal.push(row);
      this.blobs.note(tenantId, runId, row.payload);
      this.journaled.set(placeOf(runId, row.seq), row);
    });
    for (const id of consumed) this.inbox.consume(runId, id);
    if (write.events.length > 0) this.notice.grown.push({ runId, taskId, seq: decision.seq, ended: ends });
    for (const change of write.approvals) {
      const before = isEscalation(change) ? this.approvals.find({ runId, ...change }) : undefined;
      if (change.kind === 'opened') this.approvals.write(openedApproval(head, change, before));
      else this.approvals.expire({ runId, ...change });
    }
    for (const answer of write.revisions) this.revisions.answer(runId, answer);
    this.followPoolJobs(head, write);
    this.usage.push(...write.usage.map((change) => ({ runId, change })));
    const { settle } = write.request;
    if (settle?.kind === 'end' && settle.closesApprovals) this.approvals.end(head);
    // Children are under no limit: their parent holds its place, and waits for them.
    for (const run of write.started) this.startRun(run, head.limited && run.submission.continuedFrom !== undefined);
    if (settle?.kind === 'end') this.endRun(head, settle.continuesAs?.runId ?? null);
    if (write.told !== null) this.tellParent(write.told, head.finishedAt!);
    if (settle?.kind === 'end' && settle.deadLetter !== undefined) this.deadLetters.push({ head, draft: settle.deadLetter });
    return { kind: 'appended', seq: decision.seq };
  }

  private startRun(run: NewRun, limited: boolean): void {
    const { runId, tenantId, taskId, priority = 'normal' } = run.submission;
    this.startedRuns.push({ ...run, limited });
    this.acceptRun(run);
    this.notice.started.push({ runId, tenantId, taskId, priority, generation: 0 });
  }

  private endRun(head: RunHead, nextRunId: string | null): void {
    const { id: runId, tenantId, taskId, status, finishedAt } = head;
    this.inbox.end(head);
    this.revisions.end(head);
    this.places.free(head, nextRunId);
    if (taskId === null || !isTerminal(status)) return;
    const taskStatus = nextRunId === null ? taskStatusAfter(status) : 'running';
    this.endedTasks.push({ tenantId, taskId, runId, status: taskStatus, nextRunId, at: finishedAt! });
  }

  /** A parent that has ended waits for nobody. */
  private tellParent({ runId, payload }: { runId: string; payload: string }, at: number): void {
    const parent = this.view.heads.get(runId);
    if (parent === undefined || isTerminal(parent.status)) return;
    this.addSignal(parent, { runId, tenantId: parent.tenantId, type: 'child', payload, at });
  }

  private decideSignal(head: RunHead | undefined, write: WriteOf<'signal'>): OutcomeOf<'signal'> {
    if (head === undefined) return { kind: 'missing' };
    const { id: runId, tenantId, workerId } = head;
    const { type, payload, at } = write;
    // In a first try what is like it is another signal: two may say the same at the same instant.
    const earlier = this.view.verify ? this.inbox.find({ runId, type, payload, at }) : undefined;
    if (earlier !== undefined) return { kind: 'sent', signalId: earlier.id, workerId };
    if (isTerminal(head.status)) return { kind: 'ended' };
    return this.addSignal(head, { runId, tenantId, type, payload, at });
  }

  /** The row of the approval is locked with its run's. */
  private decideApproval(head: RunHead | undefined, { decision }: WriteOf<'decide'>): OutcomeOf<'decide'> {
    const approval = head === undefined ? undefined : this.approvals.find(decision);
    if (head === undefined || approval === undefined) return { kind: 'missing' };
    const { outcome, after, told } = ruleOnVote(approval, decision, isTerminal(head.status));
    if (after !== undefined) this.approvals.write(after);
    const { id: runId, tenantId } = head;
    const { at } = decision;
    if (told !== undefined) this.addSignal(head, { runId, tenantId, type: 'decide', payload: JSON.stringify(told), at });
    return outcome;
  }

  /** The number is taken under the lock of the run's row. */
  private decidePatch(head: RunHead | undefined, { draft, payload }: WriteOf<'patch'>): OutcomeOf<'patch'> {
    if (head === undefined) return { kind: 'missing' };
    const earlier = this.revisions.find(head.id, draft.token);
    if (earlier !== undefined) return { kind: 'patched', revision: earlier };
    if (isTerminal(head.status)) return { kind: 'ended' };
    if (head.revision !== draft.base) return { kind: 'stale', revision: head.revision };
    const revision = draftedRevision(draft, head.tenantId);
    head.revision = revision.revision;
    this.revisions.make(revision);
    this.addSignal(head, { runId: head.id, tenantId: head.tenantId, type: 'patch', payload, at: draft.at });
    return { kind: 'patched', revision };
  }

  /** Opens and removes the rows that the events say, and those of a run that ends. */
  private followPoolJobs(head: RunHead, { request, poolJobs }: WriteOf<'append'>): void {
    const { baseSeq, closedPoolJobs = [], settle } = request;
    for (const opened of poolJobs) {
      const job = freshPoolJob(head, baseSeq, opened);
      this.poolJobs.write(job);
      this.notice.dispatched.push(poolDispatchOf(job));
    }
    for (const seq of closedPoolJobs) this.poolJobs.remove(poolJobId({ runId: head.id, seq }));
    if (settle?.kind === 'end' && settle.closesPoolJobs) this.poolJobs.end(head);
  }

  /** The row of the job is locked with its run's. */
  private decidePoolJob(head: RunHead | undefined, { change }: WriteOf<'pool'>): OutcomeOf<'pool'> {
    const { outcome, news } = this.poolJobs.change(change);
    if (head === undefined || news === undefined) return outcome;
    const { id: runId, tenantId } = head;
    const { at, wakes } = news;
    this.addSignal(head, { runId, tenantId, type: 'pool', payload: JSON.stringify(news.payload), at }, wakes);
    return outcome;
  }

  /** `wakes`: also a run that is parked; otherwise the signal waits there for whatever wakes it. */
  private addSignal(head: RunHead, signal: Omit<NewSignal, 'outcome'>, wakes = true): NewSignal['outcome'] {
    const { id: runId, workerId } = head;
    const { at } = signal;
    this.blobs.note(head.tenantId, runId, signal.payload);
    if (wakes) {
      head.wakeAt = head.wakeAt === null ? at : Math.min(head.wakeAt, at);
      this.changedHeads.add(head);
    }
    if (wakes || workerId !== null) this.notice.signalled.push({ ...dispatchOf(head), workerId });
    return this.inbox.send(head, signal);
  }

  private decideRaise(head: RunHead | undefined, { generation, now }: WriteOf<'raise'>): OutcomeOf<'raise'> {
    const due = head !== undefined && head.generation === generation && head.wakeAt !== null && head.wakeAt <= now;
    if (!due || this.isHeld(head)) return null;
    head.generation += 1;
    head.workerId = null;
    head.claimToken = null;
    this.changedHeads.add(head);
    return dispatchOf(head);
  }

  /** Whether the holder's lease lives. Who has claimed in this very batch lives enough. */
  private isHeld({ id, workerId }: RunHead): boolean {
    return workerId !== null && (this.claimed.has(id) || this.view.liveWorkers.has(workerId));
  }
}

function placeOf(runId: string, seq: number): string {
  return `${seq} ${runId}`;
}
