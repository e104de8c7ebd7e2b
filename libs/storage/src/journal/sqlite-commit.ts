import type BetterSqlite3 from 'better-sqlite3';
import { faultPoint, type Run } from '@baton/core';
import { approvalOf, approvalValues, touchedIds } from './approval-rows.js';
import { changedPoolJobIds, poolJobValues } from './pool-rows.js';
import { blobReferenceValues } from './blob-references.js';
import { comparesContent } from './append-rule.js';
import { BatchPlan, type BatchView } from './batch-plan.js';
import type { CommitDialect, CommitResult } from './commit-dialect.js';
import { deadLetterValues } from './dead-letter-rows.js';
import { signalValues, type InboxRow } from './inbox-rows.js';
import { journalValues } from './journal-rows.js';
import { patchKeys, revisionValues, type RevisionBook } from './revision-rows.js';
import type { JournalRow, RunHead, RunOrigin } from './run-head.js';
import { headOf, newRunValues, originOf, runOf } from './run-rows.js';
import { loadPlaces, writePlaces } from './sqlite-places.js';
import { prepareStatements, type SqliteStatements } from './sqlite-statements.js';
import { markTasks, scoped, sortSubmissions, submitsOf, type KnownRuns, type SubmitWrite } from './submissions.js';
import { usageValues } from './usage-rows.js';
import { asksInbox, runIdsOf, type WriteRequest } from './write-request.js';

/**
 * The group commit on SQLite: one synchronous turn, so that no reader of this process sees half of it and no other statement of the
 * connection gets between. BEGIN IMMEDIATE: who gets the write lock has it for the whole batch; who does not throws SQLITE_BUSY at once.
 */
export class SqliteCommit implements CommitDialect {
  /** The commit is this process's own work: nobody would gain by a smaller one. */
  readonly worthwhile = Infinity;
  private readonly sql: SqliteStatements;

  constructor(
    private readonly connection: BetterSqlite3.Database,
    nowSql: string,
    private readonly toleranceMs: number,
  ) {
    this.sql = prepareStatements(connection, nowSql);
  }

  async execute(batch: readonly WriteRequest[], verify: boolean): Promise<CommitResult> {
    this.sql.begin.run();
    try {
      const plan = new BatchPlan(batch, this.load(batch, verify), this.toleranceMs);
      this.write(plan);
      faultPoint('commit.beforeCommit');
      this.sql.commit.run();
      faultPoint('commit.afterCommit');
      return { outcomes: plan.outcomes, notice: plan.notice, events: plan.journal.length };
    } catch (error) {
      if (this.connection.inTransaction) this.sql.rollback.run();
      throw error;
    }
  }

  /** The connection is the database's, and ends with it. */
  async close(): Promise<void> {}

  private load(batch: readonly WriteRequest[], verify: boolean): BatchView {
    const submits = submitsOf(batch);
    const submissions = sortSubmissions(submits, this.loadKnown(submits, verify));
    const marks = markTasks(submissions.claimants, this.loadMarks(submits), new Map());
    const heads = new Map<string, RunHead>();
    const origins = new Map<string, RunOrigin>();
    const liveWorkers = new Set<string>();
    const inbox: InboxRow[] = [];
    const journal: JournalRow[] = [];
    for (const request of batch) {
      if (request.kind === 'submit') continue;
      for (const runId of runIdsOf(request)) {
        const found = heads.get(runId) ?? this.loadHead(runId);
        if (found !== null) heads.set(runId, found);
      }
      const head = heads.get(request.runId);
      if (head === undefined) continue;
      if (request.kind === 'claim') origins.set(head.id, originOf(this.sql.origin.get(head.id)!));
      const asksForHolder = request.kind === 'claim' || request.kind === 'raise';
      if (asksForHolder && head.workerId !== null && this.sql.liveWorker.get(head.workerId) !== undefined) {
        liveWorkers.add(head.workerId);
      }
      if (asksInbox(request) || (request.kind === 'signal' && verify)) inbox.push(...this.sql.inbox.all(head.id));
      if (request.kind === 'append' && comparesContent(head, request)) {
        const { baseSeq, events } = request.request;
        journal.push(...this.sql.journal.all(head.id, baseSeq + 1, baseSeq + events.length));
      }
    }
    const approvals = touchedIds(batch)
      .flatMap((id) => this.sql.approval.get(id) ?? [])
      .map(approvalOf);
    const revisions = patchKeys(batch).flatMap((key) => this.sql.revision.get(...key) ?? []);
    const poolJobs = changedPoolJobIds(batch).flatMap((id) => this.sql.poolJob.get(id) ?? []);
    return {
      verify,
      submissions,
      marks,
      heads,
      skipped: new Set(),
      skippedTasks: new Set(),
      origins,
      liveWorkers,
      inbox,
      journal,
      approvals,
      revisions,
      poolJobs,
      places: loadPlaces(this.sql, batch, (runId) => {
        const head = heads.get(runId) ?? this.loadHead(runId);
        if (head !== null) heads.set(runId, head);
      }),
    };
  }

  private loadHead(runId: string): RunHead | null {
    const row = this.sql.head.get(runId);
    return row === undefined ? null : headOf(row);
  }

  private loadKnown(submits: readonly SubmitWrite[], verify: boolean): KnownRuns {
    const byId = new Map<string, Run>();
    const byKey = new Map<string, { run: Run; requestDigest: string | null }>();
    for (const { submission } of submits) {
      const { runId, tenantId, idempotency } = submission;
      const own = verify ? this.sql.run.get(runId) : undefined;
      if (own !== undefined) byId.set(runId, runOf(own));
      const keyed = idempotency === null ? undefined : this.sql.keyedRun.get(tenantId, idempotency.key);
      if (keyed !== undefined) {
        byKey.set(scoped(tenantId, idempotency!.key), { run: runOf(keyed), requestDigest: keyed.request_digest });
      }
    }
    return { byId, byKey };
  }

  private loadMarks(submits: readonly SubmitWrite[]): Map<string, string | null> {
    const marks = new Map<string, string | null>();
    for (const { submission } of submits) {
      if (submission.taskId === null) continue;
      const row = this.sql.taskMark.get(submission.tenantId, submission.taskId);
      if (row !== undefined) marks.set(scoped(submission.tenantId, submission.taskId), row.live_run_id);
    }
    return marks;
  }

  private write(plan: BatchPlan): void {
    for (const submit of plan.newRuns) this.insertRun(submit, plan.places.waits(submit.runId));
    for (const { submission, input, limited } of plan.startedRuns)
      this.sql.insertRun.run(...newRunValues(submission, input, { limited }));
    for (const row of plan.journal) this.sql.insertEvent.run(...journalValues(row, row));
    for (const head of plan.changedHeads) this.sql.updateHead(head);
    for (const signal of plan.inbox.sent)
      signal.outcome.signalId = Number(this.sql.insertSignal.run(...signalValues(signal)).lastInsertRowid);
    for (const row of plan.blobs.sorted()) this.sql.insertBlobReference.run(...blobReferenceValues(row));
    writePlaces(this.sql, plan.places);
    for (const usage of plan.usage) this.sql.addUsage.run(...usageValues(usage));
    for (const letter of plan.deadLetters) this.sql.insertDeadLetter.run(...deadLetterValues(letter));
    for (const id of plan.inbox.consumed) this.sql.deleteSignal.run(id);
    for (const runId of plan.inbox.endedRuns) this.sql.clearInbox.run(runId);
    const { written, expired, endedRuns } = plan.approvals;
    for (const approval of written.values()) this.sql.writeApproval.run(...approvalValues(approval));
    for (const id of expired) this.sql.expireApproval.run(id);
    for (const runId of endedRuns) this.sql.closeApprovals.run(runId);
    this.writeRevisions(plan.revisions);
    this.writePoolJobs(plan);
    for (const { tenantId, taskId, runId, nextRunId, status, at } of plan.endedTasks) {
      this.sql.endTask.run(nextRunId, runId, status, at, tenantId, taskId, runId);
    }
    for (const { tenantId, taskId, runId, operation, event, method, holder, tokenLength, at } of plan.lockRecords) {
      this.sql.insertLockRecord.run(tenantId, taskId, runId, operation, event, method, holder, tokenLength, at);
    }
  }

  private writeRevisions({ made, answered, endedRuns }: RevisionBook): void {
    for (const revision of made) this.sql.insertRevision.run(...revisionValues(revision));
    for (const { runId, revision, status, answeredAt, refusal } of answered)
      this.sql.answerRevision.run(status, answeredAt, refusal, runId, revision);
    for (const { runId, at, refusal } of endedRuns) this.sql.refuseRevisions.run(at, refusal, runId);
  }

  private writePoolJobs({ poolJobs: { written, removed, endedRuns } }: BatchPlan): void {
    for (const job of written.values()) this.sql.writePoolJob.run(...poolJobValues(job));
    for (const id of removed) this.sql.deletePoolJob.run(id);
    for (const runId of endedRuns) this.sql.clearPoolJobs.run(runId);
  }

  private insertRun({ runId, submission, input }: SubmitWrite, waits: boolean): void {
    const { tenantId, taskId, at } = submission;
    if (taskId !== null) this.sql.markTask.run(runId, at, tenantId, taskId);
    this.sql.insertRun.run(...newRunValues(submission, input, { waits }));
  }
}
