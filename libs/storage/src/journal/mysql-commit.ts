import { faultPoint } from '@baton/core';
import { failureKind } from '../database-failure.js';
import { BatchPlan, type BatchView } from './batch-plan.js';
import type { CommitDialect, CommitResult } from './commit-dialect.js';
import {
  endingTasks,
  keyOf,
  loadInbox,
  loadJournal,
  loadKnown,
  loadLiveWorkers,
  loadOrigins,
  lockHeads,
  lockTasks,
  taskOf,
} from './mysql-read.js';
import { MysqlSession, type MysqlTarget, type SessionBounds } from './mysql-session.js';
import { markTasks, writePlan } from './mysql-write.js';
import {
  answerKnown,
  refusedWithKey,
  sortSubmissions,
  submitsOf,
  type SortedSubmissions,
  type SubmitWrite,
} from './submissions.js';
import type { WriteRequest } from './write-request.js';

/**
 * The group commit on MySQL and MariaDB: a connection of its own, READ COMMITTED, and a number of statements that does not grow with the
 * batch. Rows are locked in key order with SKIP LOCKED, so that no batch waits for another process's.
 */
export class MysqlCommit implements CommitDialect {
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
      const plan = new BatchPlan(batch, await this.load(session, batch, verify), this.toleranceMs);
      await writePlan(session, plan);
      faultPoint('commit.beforeCommit');
      await session.run('COMMIT');
      faultPoint('commit.afterCommit');
      return { outcomes: plan.outcomes, notice: plan.notice, events: plan.journal.length };
    } catch (error) {
      await this.rollBack(session, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.drop();
  }

  private async openSession(): Promise<MysqlSession> {
    if (this.session === null || this.session.isLost) this.session = await MysqlSession.open(this.target, this.bounds);
    return this.session;
  }

  /** A connection that failed, or cannot roll back, is given up: the server then rolls back by itself. */
  private async rollBack(session: MysqlSession, error: unknown): Promise<void> {
    if (failureKind(error) === 'unavailable') return this.drop();
    await session.run('ROLLBACK').catch(() => this.drop());
  }

  private drop(): void {
    this.session?.destroy();
    this.session = null;
  }

  private async load(session: MysqlSession, batch: readonly WriteRequest[], verify: boolean): Promise<BatchView> {
    const submits = submitsOf(batch);
    const others = batch.filter((request) => request.kind !== 'submit');
    const submissions = sortSubmissions(submits, await loadKnown(session, submits, verify));
    const { heads, skipped } = await lockHeads(session, others, verify);
    const tasks = await lockTasks(session, [...submissions.claimants.map(taskOf), ...endingTasks(others, heads)]);
    const marks = await markTasks(
      session,
      submits,
      submissions.claimants.filter((submit) => tasks.locked.has(keyOf(taskOf(submit)))),
    );
    await this.answerRefused(session, submissions, refusedWithKey(submits, submissions, marks));
    return {
      ...{ submissions, marks, heads, skipped, skippedTasks: tasks.skipped },
      origins: await loadOrigins(session, others, heads),
      liveWorkers: await loadLiveWorkers(session, others, heads, this.nowSql),
      inbox: await loadInbox(session, others, heads, verify),
      journal: await loadJournal(session, others, heads),
    };
  }

  private async answerRefused(
    session: MysqlSession,
    { answered }: SortedSubmissions,
    refused: readonly SubmitWrite[],
  ): Promise<void> {
    const known = await loadKnown(session, refused, false);
    for (const submit of refused) {
      const answer = answerKnown(submit, known);
      if (answer !== null) answered.set(submit, answer);
    }
  }
}
