import { isTerminalEvent, type EventType } from './journal-event.js';
import { isTerminal, type RunStatus } from './run.js';
import { taskStatusAfter, type Task } from './task.js';

/** A run as its row, its journal and its task's row have it, all read in one instant. */
export interface RunOutline {
  readonly runId: string;
  readonly tenantId: string;
  readonly status: RunStatus;
  readonly seq: number;
  readonly epoch: number;
  /** Its task's row; null where it has no task, or that is gone. */
  readonly task: Pick<Task, 'status' | 'liveRunId' | 'lastRunId'> | null;
  /** The last events, in order, and whatever the journal has beyond `seq`. */
  readonly events: readonly { readonly seq: number; readonly epoch: number; readonly type: string }[];
}

/**
 * `gap`: events are missing, or there twice; `epoch`: one has an epoch below an earlier one's, or beyond the row's; `end`: not exactly one
 * terminal event, or not the last; `row`: the row says another seq or outcome; `task`: the task's row says otherwise.
 */
export const VIOLATION_KINDS = ['gap', 'epoch', 'end', 'row', 'task'] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
}

/** What no run may ever look like: the violations in it, at most one of a kind. `maxEvents`: events of a run that were read at most. */
export function auditRun(run: RunOutline, maxEvents: number): Violation[] {
  const checks: Record<ViolationKind, (run: RunOutline) => string | null> = {
    gap: (outline) => findGap(outline, Math.max(1, outline.seq - maxEvents + 1)),
    epoch: findEpochFault,
    end: findEndFault,
    row: findRowFault,
    task: findTaskFault,
  };
  return VIOLATION_KINDS.flatMap((kind) => {
    const detail = checks[kind](run);
    return detail === null ? [] : [{ kind, detail }];
  });
}

function findGap({ events }: RunOutline, first: number): string | null {
  const place = events.findIndex(({ seq }, index) => seq !== first + index);
  if (place < 0) return events.length > 0 ? null : 'there is no event';
  return `seq ${events[place]!.seq} stands where ${first + place} should`;
}

function findEpochFault({ events, epoch }: RunOutline): string | null {
  const fault = events.find((event, index) => event.epoch > epoch || event.epoch < (events[index - 1]?.epoch ?? 0));
  return fault === undefined ? null : `seq ${fault.seq} has the epoch ${fault.epoch}; the row has ${epoch}`;
}

function findEndFault({ events, status }: RunOutline): string | null {
  const ends = events.filter(({ type }) => isTerminalEvent(type as EventType));
  if (ends.length === 0) return isTerminal(status) ? 'it has ended without a terminal event' : null;
  if (ends.length > 1) return `it has ${ends.length} terminal events`;
  return ends[0] === events.at(-1) ? null : `events follow its end at seq ${ends[0]!.seq}`;
}

function findRowFault({ events, status, seq }: RunOutline): string | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  if (last.seq !== seq) return `the row says seq ${seq}, the journal ${last.seq}`;
  const ended = isTerminalEvent(last.type as EventType);
  if (ended !== isTerminal(status) || (ended && last.type !== `run.${status}`))
    return `the row says ${status} after ${last.type}`;
  return null;
}

function findTaskFault({ runId, status, task }: RunOutline): string | null {
  if (task === null) return null;
  if (!isTerminal(status)) return task.liveRunId === runId ? null : `its task's live run is ${task.liveRunId ?? 'none'}`;
  if (task.liveRunId === runId) return 'its task still has it as the live run';
  const isLast = task.liveRunId === null && task.lastRunId === runId;
  return isLast && task.status !== taskStatusAfter(status) ? `it is ${status}, its task ${task.status}` : null;
}
