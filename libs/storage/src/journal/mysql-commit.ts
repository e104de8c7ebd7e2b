import { faultPoint } from '@baton/core';
import { failureKind } from '../database-failure.js';
import { BatchPlan, type BatchView } from './batch-plan.js';
import type { CommitDialect, CommitResult } from './commit-dialect.js';
import { lockDisplaceable } from './mysql-places.js';
import { commitPlain } from './mysql-plain.js';
import { lockRows, readKeyed, readOthers } from './mysql-read.js';
import { MysqlSession, type MysqlTarget, type SessionBounds } from './mysql-session.js';
import { writesOf } from './mysql-write.js';
import {
  answerKnown,
  markTasks,
  refusedWithKey,
  sortSubmissions,
  submitsOf,
  type SortedSubmissions,
  type SubmitWrite,
} from './submissions.js';
import type { WriteRequest } from './write-request.js';

/**
 * The group commit on MySQL and MariaDB: a connection of its own, READ COMMITTED, and few statements, however large the batch. They travel
 * together: one round trip locks and reads, one more writes and commits; a batch that has nothing to read makes the second alone, and so do
 * requests that ask for nothing unusual. Run rows are locked in key order with SKIP LOCKED, so that no batch waits for another process's.
 */
export class MysqlCommit implements CommitDialect {
  readonly worthwhile = 100;
  private session: MysqlSession | null = null;

  constructor(
    private readonly target: MysqlTarget,
    private readonly bounds: SessionBounds,
    private readonly nowSql: string,
    private readonly toleranceMs: number,
  ) {}

  async execute(batch: readonly WriteRequest[], verify: boolean): Promise<CommitResult> {
    const session = await this.openSession();
    try {
      const plain = verify ? null : await commitPlain(session, batch, this.toleranceMs);
      return plain ?? (await this.commitBatch(session, batch, verify));
    } catch (error) {
      await this.rollBack(session, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.drop();
  }

  private async commitBatch(session: MysqlSession, batch: readonly WriteRequest[], verify: boolean): Promise<CommitResult> {
    const plan = new BatchPlan(batch, await this.load(session, batch, verify), this.toleranceMs);
    faultPoint('commit.beforeCommit');
    await session.commit(writesOf(plan, session.idStep));
    faultPoint('commit.afterCommit');
    return { outcomes: plan.outcomes, notice: plan.notice, events: plan.journal.length };
  }

  private async openSession(): Promise<MysqlSession> {
    if (this.session === null || this.session.isLost) this.session = await MysqlSession.open(this.target, this.bounds);
    return this.session;
  }

  /** A connection that failed, or cannot roll back, is given up: the server then rolls back by itself. */
  private async rollBack(session: MysqlSession, error: unknown): Promise<void> {
    if (failureKind(error) === 'unavailable') return this.drop();
    await session.rollBack().catch(() => this.drop());
  }

  private drop(): void {
    this.session?.destroy();
    this.session = null;
  }

  private async load(session: MysqlSession, batch: readonly WriteRequest[], verify: boolean): Promise<BatchView> {
    const submits = submitsOf(batch);
    const locked = await lockRows(session, batch, verify);
    const { origins, inbox, known, approvals, revisions, poolJobs, places } = locked;
    const { skippedRuns, skippedTasks, liveWorkers, journal } = await readOthers(session, batch, locked, this.nowSql);
    const heads = new Map([...locked.heads, ...(await lockDisplaceable(session, batch, locked))]);
    const submissions = sortSubmissions(submits, known);
    const marks = markTasks(submissions.claimants, locked.tasks, skippedTasks);
    await this.answerRefused(session, submissions, refusedWithKey(submits, submissions, marks));
    return {
      ...{ verify, submissions, marks, heads, origins, inbox, liveWorkers, journal, approvals, revisions, poolJobs, places },
      ...{ skipped: skippedRuns, skippedTasks: new Set(skippedTasks.keys()) },
    };
  }

  private async answerRefused(
    session: MysqlSession,
    { answered }: SortedSubmissions,
    refused: readonly SubmitWrite[],
  ): Promise<void> {
    if (refused.length === 0) return;
    const known = await readKeyed(session, refused);
    for (const submit of refused) {
      const answer = answerKnown(submit, known);
      if (answer !== null) answered.set(submit, answer);
    }
  }
}
