import {
  approvalId,
  draftedRevision,
  patchPayload,
  isProgress,
  displacement,
  isTerminal,
  poolJobId,
  ruleOnVote,
  ruleOnPoolJob,
  RunStore,
  submittedEvent,
  type AdmitOutcome,
  type AdmitRequest,
  type AppendOutcome,
  type AppendRequest,
  type Approval,
  type ApprovalDecision,
  type ApprovalKey,
  type ApprovalQuery,
  type ClaimOutcome,
  type ClaimRequest,
  type CommitListener,
  type CommitNotice,
  type DecideOutcome,
  dispatchOf,
  type Dispatch,
  type RunDispatch,
  type DueQuery,
  type DueRun,
  type IdlePoolJobsQuery,
  type JournalEvent,
  type LiveRun,
  type JsonObject,
  type PatchOutcome,
  type Revision,
  type RevisionDraft,
  type RevisionQuery,
  type PoolJob,
  type PoolJobChange,
  type PoolJobOutcome,
  type Run,
  type RunLimit,
  type RunQuery,
  type RunStatus,
  type RunWithResult,
  type Settlement,
  type Signal,
  type SignalOutcome,
  type SignalType,
  type Submission,
  type SubmitOutcome,
} from '@baton/core';
import type { MemoryDatabase, RunRow } from './memory-database.js';
import { PortCalls } from './port-calls.js';
import { stored } from './stored.js';

/** {@link RunStore} of one process over the shared tables. */
export class MemoryRunStore extends RunStore {
  private readonly listeners = new Set<CommitListener>();

  constructor(
    protected readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  submit(submission: Submission): Promise<SubmitOutcome> {
    return this.calls.make('submit', submission, () => this.commitSubmission(submission));
  }

  claim(request: ClaimRequest): Promise<ClaimOutcome> {
    return this.calls.make('claim', request, () => this.commitClaim(request));
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    return this.calls.make('append', request, () => this.commitAppend(request));
  }

  signal(runId: string, type: SignalType, payload: JsonObject, at: number): Promise<SignalOutcome> {
    return this.calls.make('signal', { runId, type, payload }, () => {
      const run = this.db.runs.get(runId);
      if (run === undefined) return { kind: 'missing' };
      if (isTerminal(run.status)) return { kind: 'ended' };
      return { kind: 'sent', signalId: this.addSignal(run, type, payload, at), workerId: run.workerId };
    });
  }

  admit(request: AdmitRequest): Promise<AdmitOutcome> {
    const { runId, at } = request;
    return this.calls.make('admit', runId, () => {
      const run = this.db.runs.get(runId);
      if (run === undefined || isTerminal(run.status)) return 'none';
      const outcome = this.db.places.admit(request, this.displaceFor(request));
      if (outcome === 'admitted') this.addSignal(run, 'admit', {}, at);
      return outcome;
    });
  }

  countQueued(atMost: number, tenantId?: string): Promise<number> {
    return this.calls.make('countQueued', atMost, () =>
      Math.min(
        atMost,
        [...this.db.runs.values()].filter((run) => run.status === 'queued' && run.tenantId === (tenantId ?? run.tenantId)).length,
      ),
    );
  }

  decide(decision: ApprovalDecision): Promise<DecideOutcome> {
    return this.calls.make('decide', decision, () => {
      const id = approvalId(decision);
      const run = this.db.runs.get(decision.runId);
      const approval = this.db.approvals.get(id);
      if (run === undefined || approval === undefined) return { kind: 'missing' };
      const { outcome, after, told } = ruleOnVote(approval, stored(decision), isTerminal(run.status));
      if (after !== undefined) this.db.approvals.set(id, after);
      if (told !== undefined) this.addSignal(run, 'decide', told, decision.at);
      return outcome;
    });
  }

  patch(draft: RevisionDraft): Promise<PatchOutcome> {
    return this.calls.make('patch', draft, () => {
      const run = this.db.runs.get(draft.runId);
      if (run === undefined) return { kind: 'missing' };
      const earlier = this.db.revisions.find(({ runId, token }) => runId === run.id && token === draft.token);
      if (earlier !== undefined) return { kind: 'patched', revision: earlier };
      if (isTerminal(run.status)) return { kind: 'ended' };
      if (run.revision !== draft.base) return { kind: 'stale', revision: run.revision };
      const revision = draftedRevision(draft, run.tenantId);
      run.revision = revision.revision;
      this.db.revisions.push(stored(revision));
      this.addSignal(run, 'patch', patchPayload(draft), draft.at);
      return { kind: 'patched', revision };
    });
  }

  listRevisions({ runId, token, standing = false, before = Infinity, limit }: RevisionQuery): Promise<Revision[]> {
    return this.calls.make('listRevisions', runId, () =>
      this.db.revisions
        .filter((one) => one.runId === runId && one.revision < before && (token ?? one.token) === one.token)
        .filter(({ status }) => !standing || status !== 'refused')
        .sort((a, b) => b.revision - a.revision)
        .slice(0, limit),
    );
  }

  listApprovals(query: ApprovalQuery): Promise<Approval[]> {
    const { tenantId, status, runId, nodeId, workflowId, role, after, limit } = query;
    const { requestedFrom = 0, requestedTo = Infinity } = query;
    const direction = status === 'open' ? 1 : -1;
    return this.calls.make('listApprovals', tenantId, () =>
      [...this.db.approvals.values()]
        .filter((approval) => approval.status === status && approval.tenantId === tenantId)
        .filter((approval) => (runId ?? approval.runId) === approval.runId && (nodeId ?? approval.nodeId) === approval.nodeId)
        .filter((approval) => (role ?? approval.role) === approval.role)
        .filter(({ runId: id }) => workflowId === undefined || this.db.runs.get(id)?.workflow.id === workflowId)
        .filter(({ requestedAt }) => requestedAt >= requestedFrom && requestedAt < requestedTo)
        .sort((a, b) => direction * byWait(a, b))
        .filter((approval) => after === undefined || direction * byWait(approval, after) > 0)
        .slice(0, limit),
    );
  }

  findApproval(key: ApprovalKey): Promise<Approval | null> {
    return this.calls.make('findApproval', key, () => this.db.approvals.get(approvalId(key)) ?? null);
  }

  changePoolJob(change: PoolJobChange): Promise<PoolJobOutcome> {
    return this.calls.make('changePoolJob', change, () => {
      const id = poolJobId(change);
      const { outcome, after, news } = ruleOnPoolJob(this.db.poolJobs.get(id), stored(change));
      if (after === null) this.db.poolJobs.delete(id);
      else if (after !== undefined) this.db.poolJobs.set(id, after);
      if (news !== undefined) this.addSignal(this.db.runs.get(change.runId)!, 'pool', news.payload, news.at, news.wakes);
      return outcome;
    });
  }

  findPoolJobs(runId: string, seqs: readonly number[]): Promise<PoolJob[]> {
    return this.calls.make('findPoolJobs', runId, () =>
      seqs.flatMap((seq) => this.db.poolJobs.get(poolJobId({ runId, seq })) ?? []),
    );
  }

  idlePoolJobs({ now, dispatchedBy, after, limit }: IdlePoolJobsQuery): Promise<PoolJob[]> {
    return this.calls.make('idlePoolJobs', { now, dispatchedBy, limit }, () =>
      [...this.db.poolJobs.values()]
        .filter((job) => job.dispatchedAt <= dispatchedBy && job.deadline > now)
        .filter(({ workerId }) => workerId === null || !this.db.isLive(workerId))
        .sort(byDispatch)
        .filter((job) => after === undefined || byDispatch(job, after) > 0)
        .slice(0, limit),
    );
  }

  readSignals(runIds: readonly string[]): Promise<Signal[]> {
    return this.calls.make('readSignals', runIds, () => runIds.flatMap((runId) => this.db.inboxOf(runId)));
  }

  readJournal(runId: string, afterSeq: number, limit: number): Promise<JournalEvent[]> {
    const request = { runId, afterSeq, limit };
    return this.calls.make('readJournal', request, () => stored(this.db.journalOf(runId).slice(afterSeq, afterSeq + limit)));
  }

  findRun(runId: string): Promise<RunWithResult | null> {
    return this.calls.make('findRun', runId, () => this.resultOf(runId));
  }

  findRuns(runIds: readonly string[]): Promise<RunWithResult[]> {
    return this.calls.make('findRuns', runIds, () => runIds.map((runId) => this.resultOf(runId)).filter((run) => run !== null));
  }

  liveRuns({ runIds, taskIds }: { runIds: readonly string[]; taskIds: readonly string[] }): Promise<LiveRun[]> {
    return this.calls.make('liveRuns', { runIds, taskIds }, () =>
      [...this.db.runs.values()]
        .filter(({ status }) => !isTerminal(status))
        .filter(({ id, taskId }) => runIds.includes(id) || (taskId !== null && taskIds.includes(taskId)))
        .map(({ id: runId, taskId, workerId }) => ({ runId, taskId, workerId })),
    );
  }

  listRuns({
    tenantId,
    taskId,
    status,
    workflowId,
    parentId,
    idPrefix = '',
    live = false,
    createdFrom = 0,
    createdTo = Infinity,
    before,
    limit,
  }: RunQuery): Promise<Run[]> {
    return this.calls.make('listRuns', { tenantId }, () =>
      [...this.db.runs.values()]
        .filter(
          (run) => run.tenantId === tenantId && (taskId ?? run.taskId) === run.taskId && (status ?? run.status) === run.status,
        )
        .filter((run) => (workflowId ?? run.workflow.id) === run.workflow.id)
        .filter((run) => (parentId === undefined || run.parent?.runId === parentId) && !(live && isTerminal(run.status)))
        .filter((run) => run.id.startsWith(idPrefix))
        .filter((run) => run.createdAt >= createdFrom && run.createdAt < createdTo)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .filter((run) => before === undefined || comesBefore(run, before))
        .slice(0, limit)
        .map(toRun),
    );
  }

  countRuns(): Promise<Partial<Record<RunStatus, number>>> {
    return this.calls.make('countRuns', null, () => {
      const counts: Partial<Record<RunStatus, number>> = {};
      for (const { status } of this.db.runs.values()) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    });
  }

  dueRuns({ now, after, heldBy, limit }: DueQuery): Promise<DueRun[]> {
    return this.calls.make('dueRuns', { now, after, heldBy, limit }, () =>
      [...this.db.runs.values()]
        .filter((run) => run.wakeAt !== null && run.wakeAt <= now && !this.isHeld(run))
        .filter((run) => heldBy === undefined || (run.workerId !== null && heldBy.includes(run.workerId)))
        .map((run) => ({ ...dispatchOf(run), wakeAt: run.wakeAt!, deadWorkerId: run.workerId }))
        .sort(byWakeAt)
        .filter((run) => after === undefined || byWakeAt(run, after) > 0)
        .slice(0, limit),
    );
  }

  raiseGenerations(runs: readonly Dispatch[], now: number): Promise<RunDispatch[]> {
    return this.calls.make('raiseGenerations', runs, () =>
      runs.flatMap(({ runId, generation }) => {
        const run = this.db.runs.get(runId);
        if (run === undefined || run.generation !== generation || run.wakeAt === null || run.wakeAt > now) return [];
        if (this.isHeld(run)) return [];
        run.generation += 1;
        run.workerId = null;
        return [dispatchOf(run)];
      }),
    );
  }

  ping(): Promise<boolean> {
    return this.calls.make('ping', null, () => true).catch(() => false);
  }

  onCommit(listener: CommitListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private isHeld(run: RunRow): boolean {
    return run.workerId !== null && this.db.isLive(run.workerId);
  }

  private commitSubmission(submission: Submission): SubmitOutcome {
    const { runId, tenantId, taskId, at, lock } = submission;
    const known = this.findKeyed(submission);
    if (known !== null) return known;
    const task = taskId === null ? null : this.db.tasks.get(taskId);
    if (task === undefined || (task !== null && task.tenantId !== tenantId)) return { kind: 'task_missing' };
    const lockRecord = { tenantId, operation: 'submit', ...(lock ?? { holder: '', tokenLength: 0 }), at } as const;
    if (task !== null && task.liveRunId !== null) {
      const liveRunId = task.liveRunId;
      if (lock !== null)
        this.db.recordLock({ ...lockRecord, taskId: task.id, runId: liveRunId, event: 'conflict', method: 'sql' });
      return { kind: 'duplicate', liveRunId };
    }
    const waits = this.db.places.take(submission, this.displaceFor(submission));
    if (typeof waits !== 'boolean') return waits;
    const run = this.accept(submission, { waits, limited: (submission.limits ?? []).length > 0 });
    if (task !== null) Object.assign(task, { status: 'running', liveRunId: runId, updatedAt: at });
    if (task !== null && lock !== null) {
      this.db.recordLock({ ...lockRecord, taskId: task.id, runId, event: 'acquired', method: lock.method });
    }
    this.tell({ grown: [{ runId, taskId, seq: 1, ended: false }], signalled: [], started: [], dispatched: [] });
    return { kind: 'accepted', run: toRun(run) };
  }

  private displaceFor({ runId, at }: { runId: string; at: number }): (oldestId: string, limit: RunLimit) => void {
    return (oldestId, limit) => this.addSignal(this.db.runs.get(oldestId)!, 'cancel', displacement(limit, runId), at);
  }

  private accept(submission: Submission, { waits = false, limited = false }): RunRow {
    const { runId, tenantId, taskId, workflow, input, idempotency, fork, parent = null, continuedFrom, at } = submission;
    const { priority = 'normal', by: startedBy = null, budget = null } = submission;
    if (this.db.runs.has(runId)) throw new Error(`the run ${runId} is there already`);
    const run: RunRow = {
      ...{ id: runId, tenantId, taskId, workflow, input: stored(input), idempotency, parent },
      ...{ status: 'queued', seq: 1, epoch: 0, generation: 0, revision: 0, workerId: null, claimToken: null },
      ...{
        unproductiveClaims: 0,
        limited,
        priority,
        wakeAt: waits ? null : at,
        createdAt: at,
        startedAt: null,
        finishedAt: null,
      },
      ...{ forkedFrom: fork?.forked_from.run_id ?? null, continuedFrom: continuedFrom?.run_id ?? null },
      ...{ startedBy, budget },
    };
    this.db.runs.set(runId, run);
    const first = submittedEvent(submission);
    if (waits) Object.assign(first.payload, { waits_for_place: true });
    this.db.journals.set(runId, [stored({ ...first, runId, seq: 1, epoch: 0 }) as JournalEvent]);
    return run;
  }

  private findKeyed({ tenantId, idempotency, runId }: Submission): SubmitOutcome | null {
    if (idempotency === null) return null;
    for (const run of this.db.runs.values()) {
      if (run.tenantId !== tenantId || run.id === runId || run.idempotency?.key !== idempotency.key) continue;
      if (run.idempotency.requestDigest === idempotency.requestDigest) return { kind: 'replayed', run: toRun(run) };
      return { kind: 'key_reused', runId: run.id };
    }
    return null;
  }

  private commitClaim({ runId, workerId, token, generation, at, lock }: ClaimRequest): ClaimOutcome {
    const run = this.db.runs.get(runId);
    if (run === undefined) return { kind: 'missing' };
    if (isTerminal(run.status)) return { kind: 'ended', status: run.status };
    const claimed = (): ClaimOutcome => ({
      ...{ kind: 'claimed', run: toRun(run), claims: run.unproductiveClaims, signals: this.db.inboxOf(runId).length > 0 },
    });
    if (run.claimToken === token) return claimed();
    if (generation !== null && generation < run.generation) return { kind: 'outdated' };
    if (this.isHeld(run)) return { kind: 'held', workerId: run.workerId! };
    if (run.wakeAt === null || run.wakeAt > at) return { kind: 'not_due', wakeAt: run.wakeAt };
    Object.assign(run, { epoch: run.epoch + 1, workerId, claimToken: token, startedAt: run.startedAt ?? at });
    if (run.status !== 'compensating') run.status = 'running';
    run.unproductiveClaims += 1;
    if (lock !== null && run.taskId !== null) {
      const { tenantId, taskId } = run;
      this.db.recordLock({ ...lock, tenantId, taskId, runId, operation: 'advance', event: 'acquired', at });
    }
    return claimed();
  }

  protected commitAppend(request: AppendRequest): AppendOutcome {
    const { runId, epoch, baseSeq, events, consumed = [], closedPoolJobs = [], starts = [], settle } = request;
    const run = this.db.runs.get(runId);
    if (run === undefined) return { kind: 'fenced', reason: 'missing' };
    if (isTerminal(run.status)) return { kind: 'fenced', reason: 'ended' };
    if (run.epoch !== epoch || run.workerId === null) return { kind: 'fenced', reason: 'epoch' };
    if (events.length > 0 && run.seq !== baseSeq) return { kind: 'fenced', reason: 'seq' };
    const next = settle?.kind === 'end' ? settle.continuesAs : undefined;
    const leaves = settle?.kind === 'park' || next !== undefined;
    if (leaves && this.db.inboxOf(runId).some(({ id }) => !consumed.includes(id))) return { kind: 'inbox' };
    if (settle?.kind === 'end' && settle.revision !== undefined && settle.revision < run.revision) return { kind: 'inbox' };
    const journal = this.db.journalOf(runId);
    const dispatched = this.db.followPoolJobs(run, run.seq, events, closedPoolJobs);
    for (const event of events) {
      run.seq += 1;
      journal.push(stored({ ...event, runId, seq: run.seq, epoch }) as JournalEvent);
    }
    if (events.some(({ type }) => isProgress(type))) run.unproductiveClaims = 0;
    if (events.some(({ type }) => type === 'run.compensating')) run.status = 'compensating';
    for (const id of consumed) this.db.signals.delete(id);
    this.db.followApprovals(run, events);
    this.db.followRevisions(run, events);
    if (settle !== undefined) this.settle(run, settle);
    const goesOn = next === undefined ? [] : [this.accept(next, { limited: run.limited })];
    const started = [...starts.map((child) => this.accept(child, {})), ...goesOn];
    this.tellParent(settle, run);
    const ended = settle?.kind === 'end';
    const grown = events.length > 0 ? [{ runId, taskId: run.taskId, seq: run.seq, ended }] : [];
    const news = { grown, signalled: [], started: started.map(dispatchOf), dispatched };
    if (grown.length + started.length > 0) this.tell(news);
    return { kind: 'appended', seq: run.seq };
  }

  private tellParent(settle: Settlement | undefined, { finishedAt }: RunRow): void {
    const told = settle?.kind === 'end' ? settle.tells : undefined;
    const parent = told === undefined ? undefined : this.db.runs.get(told.runId);
    if (parent !== undefined && !isTerminal(parent.status)) this.addSignal(parent, 'child', told!.payload, finishedAt!);
  }

  private resultOf(runId: string): RunWithResult | null {
    const run = this.db.runs.get(runId);
    if (run === undefined) return null;
    const last = this.db.journalOf(runId).at(-1);
    const output = last?.type === 'run.completed' ? last.payload.output : null;
    const error = last?.type === 'run.failed' ? last.payload.error : null;
    const continuedAs = (last?.type === 'run.completed' ? last.payload.continued_as : undefined) ?? null;
    return stored<RunWithResult>({ ...toRun(run), output, error, continuedAs });
  }

  private settle(run: RunRow, settle: NonNullable<AppendRequest['settle']>): void {
    Object.assign(run, { workerId: null, claimToken: null });
    if (settle.kind === 'end' && settle.deadLetter !== undefined) this.db.deadLetters.set(run.id, settle.deadLetter);
    if (settle.kind === 'end' && settle.closesApprovals) this.db.closeApprovalsOf(run.id);
    if (settle.kind === 'end' && settle.closesPoolJobs) this.db.closePoolJobsOf(run.id);
    if (settle.kind === 'end') {
      const { at } = this.db.journalOf(run.id).at(-1)!;
      return this.db.endRun(run, settle.status, at, settle.continuesAs?.runId);
    }
    Object.assign(run, { wakeAt: settle.wakeAt, status: statusAfter(settle, run.status) });
    if (settle.kind === 'hand_back' && settle.uncounted) run.unproductiveClaims = Math.max(0, run.unproductiveClaims - 1);
  }

  private addSignal(run: RunRow, type: SignalType, payload: JsonObject, at: number, wakes = true): number {
    const signal: Signal = { id: this.db.nextId(), runId: run.id, type, payload, at };
    this.db.signals.set(signal.id, signal);
    if (wakes) run.wakeAt = Math.min(run.wakeAt ?? at, at);
    const signalled = [{ ...dispatchOf(run), workerId: run.workerId }];
    if (wakes || run.workerId !== null) this.tell({ grown: [], signalled, started: [], dispatched: [] });
    return signal.id;
  }

  private tell(notice: CommitNotice): void {
    for (const listener of this.listeners) listener(notice);
  }
}

function toRun({ claimToken: _token, unproductiveClaims: _claims, idempotency: _key, ...run }: RunRow): Run {
  return stored(run);
}

function byWakeAt(a: { wakeAt: number; runId: string }, b: { wakeAt: number; runId: string }): number {
  if (a.wakeAt !== b.wakeAt) return a.wakeAt - b.wakeAt;
  return a.runId === b.runId ? 0 : a.runId < b.runId ? -1 : 1;
}

function byDispatch(a: PoolJob, b: PoolJob | { dispatchedAt: number; id: string }): number {
  const [idA, idB] = [poolJobId(a), 'id' in b ? b.id : poolJobId(b)];
  if (a.dispatchedAt !== b.dispatchedAt) return a.dispatchedAt - b.dispatchedAt;
  return idA === idB ? 0 : idA < idB ? -1 : 1;
}

/** The one that has waited longest first. */
function byWait(a: Approval, b: Approval | { requestedAt: number; id: string }): number {
  const [idA, idB] = [approvalId(a), 'id' in b ? b.id : approvalId(b)];
  if (a.requestedAt !== b.requestedAt) return a.requestedAt - b.requestedAt;
  return idA === idB ? 0 : idA < idB ? -1 : 1;
}

function comesBefore(run: Run, mark: { createdAt: number; runId: string }): boolean {
  return run.createdAt < mark.createdAt || (run.createdAt === mark.createdAt && run.id < mark.runId);
}

function statusAfter(settle: Exclude<Settlement, { kind: 'end' }>, status: RunStatus): RunStatus {
  if (status === 'compensating') return status;
  if (settle.kind === 'hand_back') return 'queued';
  return settle.paused === true ? 'paused' : 'waiting';
}
