import type {
  Approval,
  AuditFinding,
  Checkpoint,
  Clock,
  DeadLetterDraft,
  JournalEvent,
  KeptLine,
  LockRecord,
  Revision,
  PoolDispatch,
  PoolJob,
  Run,
  Signal,
  Task,
  TerminalRunStatus,
  Worker,
  Workflow,
  WorkflowDefinition,
} from '@baton/core';
import {
  approvalChanges,
  approvalId,
  freshPoolJob,
  isEscalation,
  isTerminal,
  openedApproval,
  openedPoolJobs,
  poolDispatchOf,
  poolJobId,
  RUN_HAD_ENDED,
  revisionAnswers,
  taskStatusAfter,
} from '@baton/core';
import { BudgetTables } from './memory-budget-ledger.js';
import { CircuitTables } from './memory-circuit-store.js';
import { PlaceTables } from './memory-run-places.js';

/** A run's row with what only the store knows of it. */
export interface RunRow extends Run {
  claimToken: string | null;
  /** Claims in a row without an event of progress. */
  unproductiveClaims: number;
  idempotency: { key: string; requestDigest: string } | null;
}

export interface TaskRow extends Task {
  idempotency: { key: string; requestDigest: string } | null;
}

/** The tables, shared by all processes of a test. Every change is one synchronous turn: nobody sees half a commit. */
export class MemoryDatabase {
  readonly runs = new Map<string, RunRow>();
  readonly journals = new Map<string, JournalEvent[]>();
  readonly signals = new Map<number, Signal>();
  readonly tasks = new Map<string, TaskRow>();
  readonly lockRecords: (LockRecord & { tenantId: string })[] = [];
  readonly workflows: Workflow[] = [];
  readonly definitions = new Map<string, WorkflowDefinition>();
  readonly workers = new Map<string, Omit<Worker, 'live'>>();
  readonly approvals = new Map<string, Approval>();
  readonly revisions: Revision[] = [];
  readonly findings: AuditFinding[] = [];
  readonly counted = { runIds: new Set<string>(), to: 0 };
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly circuits = new CircuitTables();
  readonly budgets = new BudgetTables();
  readonly poolJobs = new Map<string, PoolJob>();
  readonly places = new PlaceTables();
  readonly logLines: KeptLine[] = [];
  readonly deadLetters = new Map<string, DeadLetterDraft>();
  private lastId = 0;

  constructor(readonly clock: Clock) {}

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  isLive(workerId: string): boolean {
    const worker = this.workers.get(workerId);
    return worker !== undefined && worker.leaseUntil > this.clock.now();
  }

  journalOf(runId: string): JournalEvent[] {
    return this.journals.get(runId) ?? [];
  }

  inboxOf(runId: string): Signal[] {
    return [...this.signals.values()].filter((signal) => signal.runId === runId);
  }

  recordLock(record: Omit<LockRecord, 'id'> & { tenantId: string }): void {
    this.lockRecords.push({ ...record, id: this.nextId() });
  }

  /** The list of approvals changes with the journal. */
  followApprovals(run: RunRow, events: Parameters<typeof approvalChanges>[0]): void {
    for (const change of approvalChanges(events)) {
      const id = approvalId({ runId: run.id, ...change });
      const before = this.approvals.get(id);
      if (change.kind === 'opened')
        this.approvals.set(id, openedApproval(run, change, isEscalation(change) ? before : undefined));
      else if (before?.escalatesAt === null) this.closeApproval(id);
    }
  }

  /** How revisions stand changes with the journal. */
  followRevisions(run: RunRow, events: Parameters<typeof revisionAnswers>[0]): void {
    for (const answer of revisionAnswers(events)) {
      this.answerRevisions((one) => one.runId === run.id && one.revision === answer.revision, answer);
    }
  }

  private answerRevisions(isMeant: (revision: Revision) => boolean, answer: Partial<Revision>): void {
    for (const [place, revision] of this.revisions.entries())
      if (isMeant(revision)) this.revisions[place] = { ...revision, ...answer };
  }

  /** So do the rows of nodes that are out in pools; returns those that go there now. */
  followPoolJobs(
    run: RunRow,
    baseSeq: number,
    events: Parameters<typeof openedPoolJobs>[0],
    closed: readonly number[],
  ): PoolDispatch[] {
    const opened = openedPoolJobs(events).map((job) => freshPoolJob(run, baseSeq, job));
    for (const job of opened) this.poolJobs.set(poolJobId(job), job);
    for (const seq of closed) this.poolJobs.delete(poolJobId({ runId: run.id, seq }));
    return opened.map(poolDispatchOf);
  }

  closePoolJobsOf(runId: string): void {
    for (const [id, job] of this.poolJobs) if (job.runId === runId) this.poolJobs.delete(id);
  }

  closeApprovalsOf(runId: string): void {
    for (const [id, approval] of this.approvals) if (approval.runId === runId) this.closeApproval(id);
  }

  private closeApproval(id: string): void {
    const approval = this.approvals.get(id);
    if (approval?.status === 'open') this.approvals.set(id, { ...approval, status: 'closed' });
  }

  /** The task row and the inbox change with the run that has ended. */
  endRun(run: RunRow, status: TerminalRunStatus, at: number, nextRunId: string | null = null): void {
    Object.assign(run, { status, wakeAt: null, finishedAt: at });
    for (const { id } of this.inboxOf(run.id)) this.signals.delete(id);
    this.answerRevisions((one) => one.runId === run.id && one.status === 'waiting', {
      ...{ status: 'refused', answeredAt: at, refusal: RUN_HAD_ENDED },
    });
    this.places.free(run.id, nextRunId);
    const task = run.taskId === null ? undefined : this.tasks.get(run.taskId);
    if (task !== undefined && task.liveRunId === run.id) {
      const next = nextRunId === null ? taskStatusAfter(status) : 'running';
      Object.assign(task, { status: next, liveRunId: nextRunId, lastRunId: run.id, updatedAt: at });
    }
  }

  /** Every journal gapless, with rising epochs and nothing after a terminal event: what must hold at any instant of any test. */
  problems(): string[] {
    return [...this.journals].flatMap(([runId, events]) =>
      events.flatMap((event, index) => {
        const before = events[index - 1];
        const found: string[] = [];
        if (event.seq !== index + 1) found.push(`${runId}: seq ${event.seq} at place ${index + 1}`);
        if (before !== undefined && before.epoch > event.epoch) found.push(`${runId}: epoch falls at seq ${event.seq}`);
        if (before !== undefined && isTerminal(before.type.slice('run.'.length) as Run['status'])) {
          found.push(`${runId}: event after the end at seq ${event.seq}`);
        }
        return found;
      }),
    );
  }
}
