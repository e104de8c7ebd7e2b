import {
  BatonError,
  EVENT_VERSION,
  approvalChanges,
  usageChanges,
  type UsageChange,
  isTerminalEvent,
  openedPoolJobs,
  patchPayload,
  revisionAnswers,
  submittedEvent,
  type AdmitOutcome,
  type AdmitRequest,
  type AppendOutcome,
  type AppendRequest,
  type ApprovalChange,
  type ApprovalDecision,
  type ClaimOutcome,
  type ClaimRequest,
  type DecideOutcome,
  type EventDraft,
  type JsonObject,
  type PatchOutcome,
  type RevisionAnswer,
  type RevisionDraft,
  type OpenedPoolJob,
  type PoolJobChange,
  type PoolJobOutcome,
  type RunDispatch,
  type SignalOutcome,
  type SignalType,
  type SubmitOutcome,
  type Submission,
} from '@baton/core';
import type { JournalPosition, JournalRow } from './run-head.js';

/** An event that is ready to be stored: its payload is text, so that what cannot be text fails its own request alone. */
export type StoredEvent = Omit<JournalRow, keyof JournalPosition>;

interface Outcomes {
  submit: SubmitOutcome;
  claim: ClaimOutcome;
  append: AppendOutcome;
  signal: SignalOutcome;
  decide: DecideOutcome;
  patch: PatchOutcome;
  pool: PoolJobOutcome;
  admit: AdmitOutcome;
  /** Null where this call did not raise it. */
  raise: RunDispatch | null;
}

/** A run that is to be written: its row, with the input as text, and its first event. */
export interface NewRun {
  readonly submission: Submission;
  readonly input: string;
  readonly first: StoredEvent;
}

interface Bodies {
  submit: NewRun;
  claim: { request: ClaimRequest };
  append: {
    request: AppendRequest;
    events: readonly StoredEvent[];
    approvals: readonly ApprovalChange[];
    revisions: readonly RevisionAnswer[];
    poolJobs: readonly OpenedPoolJob[];
    usage: readonly UsageChange[];
    /** Children, and the run in which this one goes on. */
    started: readonly NewRun[];
    /** For the parent: the payload of its signal. */
    told: { runId: string; payload: string } | null;
  };
  signal: { type: SignalType; payload: string; at: number };
  decide: { decision: ApprovalDecision };
  patch: { draft: RevisionDraft; payload: string };
  pool: { change: PoolJobChange };
  admit: { request: AdmitRequest };
  raise: { generation: number; now: number };
}

export type WriteKind = keyof Outcomes;

/** What the group commit is asked to write for one run. `bytes` is its rough size on the wire. */
export type WriteOf<K extends WriteKind> = Bodies[K] & { readonly kind: K; readonly runId: string; readonly bytes: number };
export type WriteRequest = { [K in WriteKind]: WriteOf<K> }[WriteKind];
export type OutcomeOf<K extends WriteKind> = Outcomes[K];
export type WriteOutcome = Outcomes[WriteKind];

const ROW_BYTES = 300;

export function submitWrite(submission: Submission): WriteOf<'submit'> {
  const run = newRun(submission);
  return { kind: 'submit', runId: submission.runId, ...run, bytes: bytesOf(run) };
}

function newRun(submission: Submission): NewRun {
  return { submission, input: JSON.stringify(submission.input), first: storedEvent(submittedEvent(submission)) };
}

function bytesOf({ input, first }: NewRun): number {
  return 3 * ROW_BYTES + input.length + first.payload.length;
}

export function claimWrite(request: ClaimRequest): WriteOf<'claim'> {
  return { kind: 'claim', runId: request.runId, request, bytes: 2 * ROW_BYTES };
}

/** @throws BatonError `internal` when the events and the settlement do not fit: a run ends with one terminal event, its last. */
export function appendWrite(request: AppendRequest): WriteOf<'append'> {
  const { runId, events, starts = [], settle } = request;
  const terminal = events.filter(({ type }) => isTerminalEvent(type)).map(({ type }) => type);
  const expected = settle?.kind === 'end' ? [`run.${settle.status}`] : [];
  if (terminal.join() !== expected.join() || (terminal.length === 1 && events.at(-1)!.type !== terminal[0])) {
    throw new BatonError('internal', 'A terminal event must be the last one of an append that ends the run.', { run_id: runId });
  }
  const stored = events.map(storedEvent);
  const end = settle?.kind === 'end' ? settle : undefined;
  const started = [...starts, ...(end?.continuesAs === undefined ? [] : [end.continuesAs])].map(newRun);
  const told = end?.tells === undefined ? null : { runId: end.tells.runId, payload: JSON.stringify(end.tells.payload) };
  const bytes =
    stored.reduce((sum, { payload }) => sum + ROW_BYTES + payload.length, ROW_BYTES) +
    started.reduce((sum, run) => sum + bytesOf(run), 0) +
    (told === null ? 0 : ROW_BYTES + told.payload.length);
  const derived = {
    approvals: approvalChanges(events),
    revisions: revisionAnswers(events),
    poolJobs: openedPoolJobs(events),
    usage: usageChanges(events),
  };
  return { kind: 'append', runId, request, events: stored, ...derived, started, told, bytes };
}

/** The runs whose rows a request wants to lock: its own, and the parent's that it tells. */
export function runIdsOf(request: Exclude<WriteRequest, { kind: 'submit' }>): string[] {
  return request.kind === 'append' && request.told !== null ? [request.runId, request.told.runId] : [request.runId];
}

/** Whether the request is answered by whether signals wait. */
export function asksInbox(request: Exclude<WriteRequest, { kind: 'submit' }>): boolean {
  if (request.kind !== 'append') return request.kind === 'claim';
  const { settle } = request.request;
  return settle?.kind === 'park' || (settle?.kind === 'end' && settle.continuesAs !== undefined);
}

export function signalWrite(runId: string, type: SignalType, payload: JsonObject, at: number): WriteOf<'signal'> {
  const text = JSON.stringify(payload);
  return { kind: 'signal', runId, type, payload: text, at, bytes: ROW_BYTES + text.length };
}

export function decideWrite(decision: ApprovalDecision): WriteOf<'decide'> {
  return { kind: 'decide', runId: decision.runId, decision, bytes: 2 * ROW_BYTES + JSON.stringify(decision).length };
}

export function patchWrite(draft: RevisionDraft): WriteOf<'patch'> {
  const payload = JSON.stringify(patchPayload(draft));
  const bytes = 2 * ROW_BYTES + payload.length + JSON.stringify(draft.patch).length;
  return { kind: 'patch', runId: draft.runId, draft, payload, bytes };
}

export function poolWrite(change: PoolJobChange): WriteOf<'pool'> {
  const carried = change.kind === 'step' ? change.output : change.kind === 'finish' ? change.outcome : null;
  return { kind: 'pool', runId: change.runId, change, bytes: 2 * ROW_BYTES + JSON.stringify(carried).length };
}

export function admitWrite(request: AdmitRequest): WriteOf<'admit'> {
  return { kind: 'admit', runId: request.runId, request, bytes: 2 * ROW_BYTES };
}

/** The first event of a run that waits for its places. */
export function waitingEvent(first: StoredEvent): StoredEvent {
  const payload = JSON.parse(first.payload) as JsonObject;
  return { ...first, payload: JSON.stringify({ ...payload, waits_for_place: true }) };
}

export function raiseWrite(runId: string, generation: number, now: number): WriteOf<'raise'> {
  return { kind: 'raise', runId, generation, now, bytes: ROW_BYTES };
}

function storedEvent(event: EventDraft): StoredEvent {
  const { type, nodeId, visit, attempt, at } = event;
  return { type, v: EVENT_VERSION, nodeId, visit, attempt, at, payload: JSON.stringify(event.payload) };
}
