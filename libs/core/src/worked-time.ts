import type { JournalEvent } from './journal-event.js';

/**
 * How long workers have executed a run, told by its journal alone: the same on every worker and after every crash. It counts from a claim to the
 * event that parks or pauses the run. A claim without such an end, because its worker died or handed the run back, counts up to its last event.
 * While the run is undone, a pause before the next try counts as well.
 */
export interface WorkedTime {
  /** Milliseconds of the stretches that have ended. */
  readonly ms: number;
  /** When the stretch in course began; null: there is none. */
  readonly since: number | null;
  /** The run was parked in the midst of being undone: the stretch ends at the next claim, or at this instant if that comes first. */
  readonly until: number | null;
  /** What had been worked when the undoing began. */
  readonly beforeUndoing: number;
}

export const NOT_WORKED: WorkedTime = { ms: 0, since: null, until: null, beforeUndoing: 0 };

/** Folds one event of the run itself. `around` is the state before it. */
export function workedAfter(
  worked: WorkedTime,
  event: JournalEvent,
  around: { paused: boolean; undoing: boolean; lastAt: number },
): WorkedTime {
  switch (event.type) {
    case 'run.claimed': {
      const lostAt = worked.until === null ? around.lastAt : event.at;
      return { ...endStretch(worked, lostAt), since: around.paused ? null : event.at };
    }
    case 'run.resumed':
      return { ...worked, since: worked.since ?? event.at };
    case 'run.waiting':
      return around.undoing ? { ...worked, until: event.payload.wake_at ?? event.at } : endStretch(worked, event.at);
    case 'run.paused':
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return endStretch(worked, event.at);
    case 'run.compensating':
      return { ...worked, beforeUndoing: workedMs(worked, event.at) };
    default:
      return worked;
  }
}

/** What has been worked by now, the stretch in course included. */
export function workedMs({ ms, since, until }: WorkedTime, now: number): number {
  if (since === null) return ms;
  return ms + Math.max(0, Math.min(now, until ?? now) - since);
}

/** Clocks of two workers differ: no stretch is shorter than nothing. */
function endStretch(worked: WorkedTime, at: number): WorkedTime {
  return { ...worked, ms: workedMs(worked, at), since: null, until: null };
}
