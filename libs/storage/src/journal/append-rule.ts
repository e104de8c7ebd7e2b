import { isProgress, isTerminal, type AppendOutcome, type EventType, type RunStatus, type Settlement } from '@baton/core';
import type { JournalRow, RunHead } from './run-head.js';
import { asksInbox, type StoredEvent, type WriteOf } from './write-request.js';

export interface AppendView {
  /** Signals that wait in the run's inbox besides the ones that this append answers. */
  hasOtherSignals(): boolean;
  /** What is journaled at a seq, if it is known. */
  journaledAt(seq: number): JournalRow | undefined;
}

/** `written`: the events go into the journal after `baseSeq`. Otherwise nothing changes. */
export type AppendDecision = { kind: 'written'; seq: number } | { kind: 'answered'; outcome: AppendOutcome };

const answered = (outcome: AppendOutcome): AppendDecision => ({ kind: 'answered', outcome });

/** Decides an append on the locked row and changes the row where it is granted. The epoch is the fence. On MySQL `mysql-plain.ts` says the same for appends that are plain. */
export function applyAppend(head: RunHead, write: WriteOf<'append'>, view: AppendView): AppendDecision {
  const { epoch, baseSeq, settle } = write.request;
  const ended = isTerminal(head.status);
  if (head.epoch !== epoch) return answered({ kind: 'fenced', reason: ended ? 'ended' : 'epoch' });
  if (comparesContent(head, write)) {
    const ours = write.events.every((event, index) => isSame(view.journaledAt(baseSeq + index + 1), event, epoch));
    if (ours) return answered({ kind: 'appended', seq: baseSeq + write.events.length });
    return answered({ kind: 'fenced', reason: ended ? 'ended' : 'seq' });
  }
  if (ended) return answered({ kind: 'fenced', reason: 'ended' });
  const releases = write.events.length === 0 && (settle?.kind === 'park' || settle?.kind === 'hand_back');
  if (head.workerId === null) {
    // The baton was released under this very epoch: a release that comes again has lost its reply, anything else comes too late.
    return answered(releases ? { kind: 'appended', seq: head.seq } : { kind: 'fenced', reason: 'epoch' });
  }
  // A hand-back that writes nothing builds on nothing: it is right whatever became of the appends before it.
  if (baseSeq !== head.seq && !(releases && settle.kind === 'hand_back')) return answered({ kind: 'fenced', reason: 'seq' });
  if (asksInbox(write) && view.hasOtherSignals()) return answered({ kind: 'inbox' });
  if (settle?.kind === 'end' && settle.revision !== undefined && settle.revision < head.revision)
    return answered({ kind: 'inbox' });
  head.seq += write.events.length;
  if (write.events.some(({ type }) => isProgress(type as EventType))) head.unproductiveClaims = 0;
  if (write.events.some(({ type }) => type === 'run.compensating')) head.status = 'compensating';
  settleHead(head, write);
  return { kind: 'written', seq: head.seq };
}

/** Whether the journal has grown past the writer's base under its own epoch: a lost reply, if the content is the same. */
export function comparesContent(head: RunHead, { request }: WriteOf<'append'>): boolean {
  return head.epoch === request.epoch && request.events.length > 0 && request.baseSeq < head.seq;
}

function isSame(row: JournalRow | undefined, event: StoredEvent, epoch: number): boolean {
  return (
    row !== undefined &&
    row.epoch === epoch &&
    (Object.keys(event) as (keyof StoredEvent)[]).every((name) => row[name] === event[name])
  );
}

/** A run that is being undone says so until its end. */
function statusAfter(settle: Exclude<Settlement, { kind: 'end' }>, status: RunStatus): RunStatus {
  if (status === 'compensating') return status;
  if (settle.kind === 'hand_back') return 'queued';
  return settle.paused === true ? 'paused' : 'waiting';
}

function settleHead(head: RunHead, { request: { settle, events } }: WriteOf<'append'>): void {
  if (settle === undefined) return;
  head.workerId = null;
  head.claimToken = null;
  if (settle.kind === 'end') {
    head.status = settle.status;
    head.wakeAt = null;
    head.finishedAt = events.at(-1)!.at;
    return;
  }
  head.wakeAt = settle.wakeAt;
  head.status = statusAfter(settle, head.status);
  if (settle.kind === 'hand_back' && settle.uncounted) head.unproductiveClaims = Math.max(0, head.unproductiveClaims - 1);
}
