import { randomUUID } from 'node:crypto';
import {
  approvalId,
  BatonError,
  faultPoint,
  isTerminal,
  parseApprovalId,
  PROPOSAL_BYTES,
  schemaProblems,
  voteRefusal,
  type Approval,
  type ApprovalDecision,
  type ApprovalKey,
  type Clock,
  type JournalEvent,
  type JsonObject,
  type JsonValue,
  type RunStore,
  type RunWithResult,
  type SignalType,
  type VoteRefusal,
} from '@baton/core';
import type { RunInspector } from './inspect-run.js';
import type { RunPayloads } from './run-payloads.js';
import type { RunWatcher } from './run-watcher.js';

/** Which run somebody wants something of, why, and who it is. */
export interface RunWish {
  tenantId: string;
  runId: string;
  reason: string;
  by: string;
}

/** Where a paused run stands: what it goes on from. */
export interface PausedRun {
  run: RunWithResult;
  seq: number;
}

/** Sends messages to runs. A signal is a committed row before its sender is answered; whoever holds the baton turns it into events. */
export class RunSignaller {
  constructor(
    private readonly parts: {
      runs: RunStore;
      watcher: RunWatcher;
      inspector: RunInspector;
      payloads: Pick<RunPayloads, 'keep'>;
      clock: Clock;
    },
    private readonly options: { waitMs: number; maxPayloadBytes: number },
  ) {}

  /**
   * Cancels a run and waits a little for the journal to say so: the run as it ended, or null when it has not yet.
   * @throws BatonError `run_not_found`, `run_ended`.
   */
  async cancel(wish: RunWish, signal: AbortSignal): Promise<RunWithResult | null> {
    await this.tellToCancel(wish);
    return this.parts.watcher.waitForEnd(wish.runId, this.options.waitMs, signal);
  }

  /**
   * Pauses a run and waits a little for the journal to say so: where it stands, or null when it does not stand yet. Twice is once.
   * @throws BatonError `run_not_found`, `run_ended`, `cannot_pause` while it is being undone.
   */
  async pause(wish: RunWish, signal: AbortSignal): Promise<PausedRun | null> {
    const run = await this.tellToPause(wish);
    if (run.status === 'paused') return { run, seq: run.seq };
    const answer = await this.waitFor(run, signal, ({ type }) => type === 'run.paused' || type === 'run.compensating');
    if (answer?.type === 'run.compensating') throw cannotPause(run);
    const now = await this.require(wish);
    if (isTerminal(now.status)) throw ended(now);
    if (answer !== null) return { run: now, seq: answer.seq };
    return now.status === 'paused' ? { run: now, seq: now.seq } : null;
  }

  /**
   * Lets a paused run go on, and waits a little for the journal to say so; null when it has not yet.
   * @throws BatonError `run_not_found`, `run_ended`, `not_paused`.
   */
  async resume(wish: RunWish, signal: AbortSignal): Promise<RunWithResult | null> {
    const run = await this.tellToResume(wish);
    const answer = await this.waitFor(run, signal, ({ type }) => type === 'run.resumed');
    return answer === null ? null : this.require(wish);
  }

  /** @throws BatonError `run_not_found`, `run_ended`. */
  async tellToCancel(wish: RunWish): Promise<void> {
    await this.send(await this.require(wish), 'cancel', wish);
  }

  /** The run as it was before. One that is paused is left alone. @throws BatonError as `pause`. */
  async tellToPause(wish: RunWish): Promise<RunWithResult> {
    const run = await this.require(wish);
    if (isTerminal(run.status)) throw ended(run);
    if ((await this.parts.inspector.inspect(run)).state.failure !== null) throw cannotPause(run);
    if (run.status !== 'paused') await this.send(run, 'pause', wish);
    return run;
  }

  /** The run as it was before. @throws BatonError as `resume`. */
  async tellToResume(wish: RunWish): Promise<RunWithResult> {
    const run = await this.require(wish);
    if (isTerminal(run.status)) throw ended(run);
    if (run.status !== 'paused' && !(await this.isPausing(run)))
      throw new BatonError('not_paused', `The run \`${run.id}\` is not paused.`, { run_id: run.id, status: run.status });
    await this.send(run, 'resume', wish);
    return run;
  }

  /**
   * Sends a named event to a run: it goes to the node that has waited for it longest, or is kept for the first that will. Returns its id.
   * @throws BatonError `run_not_found`, `run_ended`, `payload_too_large`.
   */
  async sendEvent(tenantId: string, runId: string, { name, payload }: { name: string; payload: JsonValue }): Promise<number> {
    const run = await this.require({ tenantId, runId });
    return this.signal(run, 'event', { name, payload: await this.keep(tenantId, payload), event_id: randomUUID() });
  }

  /**
   * Decides an approval, once; where it takes several people, counts the decision of one. The approval as it is then.
   * @throws BatonError `approval_not_found`, `approval_closed` when it was decided before, its time has passed or its run has ended,
   * `approval_forbidden` where somebody else is asked, `already_voted`, `link_used`, `approval_payload_invalid`, `payload_too_large`.
   */
  async decide(
    tenantId: string,
    id: string,
    decision: Omit<ApprovalDecision, keyof ApprovalKey | 'token' | 'at' | 'link'> & Partial<Pick<ApprovalDecision, 'link'>>,
  ): Promise<Approval> {
    const key = parseApprovalId(id);
    const known = key === null ? null : await this.parts.runs.findApproval(key);
    if (key === null || known === null || known.tenantId !== tenantId) throw noApproval(id);
    checkPayload(known, decision);
    // What others must still approve stands in the row as it is: it is small.
    const payload = known.terms.approvals === 1 ? await this.keep(tenantId, decision.payload) : decision.payload;
    const made = { ...key, link: null, ...decision, payload, token: randomUUID(), at: this.parts.clock.now() };
    const outcome = await this.parts.runs.decide(made);
    faultPoint('signal.afterCommit');
    if (outcome.kind === 'missing') throw noApproval(id);
    if (outcome.kind === 'refused') throw approvalRefused(outcome.approval, outcome.reason);
    return outcome.approval;
  }

  /** Whether a holder is pausing the run, or will. */
  private async isPausing(run: RunWithResult): Promise<boolean> {
    if ((await this.parts.runs.readSignals([run.id])).some(({ type }) => type === 'pause')) return true;
    // The row says `running` while somebody holds a paused run, for a moment.
    return run.workerId !== null && (await this.parts.inspector.inspect(run)).state.paused;
  }

  /** The first such event that the journal gets after what the run was, within the wait. */
  private async waitFor(
    { id, seq }: RunWithResult,
    signal: AbortSignal,
    isIt: (event: JournalEvent) => boolean,
  ): Promise<JournalEvent | null> {
    const over = new AbortController();
    const answered = AbortSignal.any([over.signal, signal]);
    void this.parts.clock.sleep(this.options.waitMs, answered).then(() => over.abort());
    try {
      for await (const page of this.parts.watcher.followRun(id, seq, answered)) {
        const found = page.find(isIt);
        if (found !== undefined) return found;
      }
      return null;
    } finally {
      over.abort();
    }
  }

  private async require({ tenantId, runId }: Pick<RunWish, 'tenantId' | 'runId'>): Promise<RunWithResult> {
    const run = await this.parts.runs.findRun(runId);
    if (run !== null && run.tenantId === tenantId) return run;
    throw new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
  }

  private async send(run: RunWithResult, type: SignalType, { reason, by }: RunWish): Promise<void> {
    await this.signal(run, type, { reason, by });
  }

  private async signal(run: RunWithResult, type: SignalType, payload: JsonObject): Promise<number> {
    const outcome = isTerminal(run.status)
      ? ({ kind: 'ended' } as const)
      : await this.parts.runs.signal(run.id, type, payload, this.parts.clock.now());
    faultPoint('signal.afterCommit');
    if (outcome.kind === 'sent') return outcome.signalId;
    throw ended(run);
  }

  /** As the run carries it. */
  private async keep(tenantId: string, payload: JsonValue): Promise<JsonValue> {
    const text = JSON.stringify(payload);
    const bytes = Buffer.byteLength(text);
    const { maxPayloadBytes } = this.options;
    if (bytes <= maxPayloadBytes) return this.parts.payloads.keep(tenantId, payload, text);
    throw new BatonError('payload_too_large', `The payload has ${bytes} bytes; MAX_INPUT_BYTES allows ${maxPayloadBytes}.`);
  }
}

function ended({ id }: RunWithResult): BatonError {
  return new BatonError('run_ended', `The run \`${id}\` has ended.`, { run_id: id });
}

function cannotPause({ id }: RunWithResult): BatonError {
  return new BatonError('cannot_pause', `The run \`${id}\` is being undone.`, { run_id: id, status: 'compensating' });
}

export function noApproval(id: string): BatonError {
  return new BatonError('approval_not_found', `There is no approval \`${id}\`.`, { approval_id: id });
}

/** What an edited payload must be like. One that others must still approve stands in the list of approvals, and is small. */
function checkPayload({ terms }: Approval, { decision, payload }: Pick<ApprovalDecision, 'decision' | 'payload'>): void {
  if (decision === 'reject' || payload === null) return;
  const problems = terms.schema === undefined ? [] : schemaProblems(terms.schema, payload);
  if (problems.length > 0)
    throw new BatonError('approval_payload_invalid', 'The payload is not what the approval asks for.', {}, { problems });
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (terms.approvals === 1 || bytes <= PROPOSAL_BYTES) return;
  throw new BatonError(
    'payload_too_large',
    `The payload has ${bytes} bytes; one that others approve may have ${PROPOSAL_BYTES}.`,
  );
}

/** How `decide` would refuse somebody's decision now; null: it would count. */
export function decisionRefusal(
  approval: Approval,
  decision: Pick<ApprovalDecision, 'by' | 'roles' | 'link' | 'at'>,
): BatonError | null {
  const reason = voteRefusal(approval, decision);
  return reason === null ? null : approvalRefused(approval, reason);
}

/** Why a decision was refused. */
function approvalRefused(approval: Approval, reason: VoteRefusal): BatonError {
  const { status, decision, decidedBy, role, runId } = approval;
  const ids = { approval_id: approvalId(approval), run_id: runId };
  switch (reason) {
    case 'closed': {
      const detail =
        status === 'decided'
          ? `It was decided before: ${decision}, by ${decidedBy}.`
          : 'Its time has passed, or its run has ended.';
      return new BatonError('approval_closed', detail, { ...ids, approval: { status, decision, decided_by: decidedBy } });
    }
    case 'voted':
      return new BatonError('already_voted', 'You have decided already; others must, too.', ids);
    case 'link_used':
      return new BatonError('link_used', 'The link has been used.', ids);
    case 'role':
      return new BatonError('approval_forbidden', `The role ${role} decides.`, ids);
    case 'assignee':
      return new BatonError('approval_forbidden', 'Others are asked.', ids);
    case 'excluded':
      return new BatonError('approval_forbidden', 'Who started the run does not decide.', ids);
  }
}
