import type { ErrorInfo } from './errors.js';
import { isTerminalEvent, type EventPayload, type JournalEvent } from './journal-event.js';
import type { JsonValue } from './json.js';
import type { Plan } from './plan.js';
import type { Awaited } from './signal.js';
import { readUsage, type Usage } from './usage.js';

/** A value as a view shows it: whole, or cut to a beginning of its text. */
export interface Excerpt {
  readonly value: JsonValue;
  readonly bytes: number;
  readonly truncated: boolean;
}

export type AttemptEnd = 'completed' | 'repeated' | 'failed' | 'suspended' | 'skipped' | 'interrupted' | 'lost';

/** A handler at work. After a wait, the same attempt goes on in another stretch. */
export interface TimelineAttempt {
  readonly attempt: number;
  /** The pool that it goes to, or went; null: it is in the hands of whoever holds the run. */
  readonly pool: string | null;
  readonly startedAt: number;
  endedAt: number | null;
  /** Null: it is in work. `lost`: its worker let go of the run or died. */
  outcome: AttemptEnd | null;
  error: ErrorInfo | null;
  retryAt: number | null;
}

export interface TimelineWait {
  readonly key: string;
  readonly awaits: Awaited;
  readonly reason: string;
  readonly since: number;
  readonly until: number | null;
  endedAt: number | null;
  endedBy: 'signal' | 'timeout' | null;
}

export interface TimelineStep {
  readonly key: string;
  readonly attempt: number;
  readonly at: number;
  readonly output: Excerpt;
  /** What it has used of a model; null: it has called none. */
  readonly usage: (Usage & { readonly model: string }) | null;
}

export interface TimelineVisit {
  readonly visit: number;
  startedAt: number | null;
  endedAt: number | null;
  output: Excerpt | null;
  readonly attempts: TimelineAttempt[];
  readonly waits: TimelineWait[];
  readonly steps: TimelineStep[];
}

export interface TimelineNode {
  readonly id: string;
  readonly type: string;
  /** Why it was skipped. */
  skipped: string | null;
  readonly visits: TimelineVisit[];
  /** Attempts to undo it. */
  readonly undoing: TimelineAttempt[];
}

export type Timeline = ReadonlyMap<string, TimelineNode>;

/** What happened to each node, and when: the journal, folded for people. Only of the nodes named. */
export class TimelineFold {
  readonly nodes = new Map<string, TimelineNode>();
  private undoing = false;

  constructor(
    plan: Plan,
    ids: readonly string[],
    private readonly excerptBytes: number,
  ) {
    for (const id of ids) {
      const { type } = plan.nodes[plan.indexById.get(id)!]!;
      this.nodes.set(id, { id, type, skipped: null, visits: [], undoing: [] });
    }
  }

  /** Applies one journal event. */
  add(event: JournalEvent): void {
    if (event.type === 'run.submitted') this.keep(event.payload.snapshot ?? [], event.at);
    if (event.type === 'run.claimed') this.loseAttempts(event.at);
    if (isTerminalEvent(event.type)) this.endAttempts(event.at, 'interrupted', () => true);
    if (event.type === 'run.compensating') this.undoing = true;
    const node = event.nodeId === null ? undefined : this.nodes.get(event.nodeId);
    if (node === undefined) return;
    if (event.type === 'compensation.started') node.undoing.push(attemptOf(event));
    else if (event.type === 'compensation.completed') end(node.undoing, event.at, 'completed');
    else if (event.type === 'compensation.failed') fail(node.undoing, event.at, event.payload);
    else if (!this.undoing) this.addToVisit(node, event);
  }

  private addToVisit(node: TimelineNode, event: JournalEvent): void {
    const visit = visitOf(node, event.visit);
    switch (event.type) {
      case 'node.started':
      case 'node.dispatched':
        visit.startedAt ??= event.at;
        visit.attempts.push(attemptOf(event));
        break;
      case 'step.completed': {
        const { key, output, usage } = event.payload;
        const used = usage === undefined ? null : { ...readUsage(usage), model: usage.model };
        const shown = excerpt(output, this.excerptBytes);
        visit.steps.push({ key, attempt: event.attempt, at: event.at, output: shown, usage: used });
        break;
      }
      case 'node.completed':
      case 'node.repeated':
        end(visit.attempts, event.at, event.type === 'node.completed' ? 'completed' : 'repeated');
        Object.assign(visit, { endedAt: event.at, output: excerpt(event.payload.output, this.excerptBytes) });
        break;
      case 'node.failed':
        fail(visit.attempts, event.at, event.payload);
        if (event.payload.retry_at === null) visit.endedAt = event.at;
        break;
      case 'node.skipped':
        node.skipped = event.payload.reason;
        end(visit.attempts, event.at, 'skipped');
        visit.endedAt = event.at;
        break;
      case 'node.suspended':
        end(visit.attempts, event.at, 'suspended');
        visit.waits.push(waitOf(event.payload, event.at));
        break;
      case 'node.resumed':
        Object.assign(visit.waits.at(-1) ?? {}, {
          endedAt: event.at,
          endedBy: event.payload.signal_id === null ? 'timeout' : 'signal',
        });
        break;
      case 'node.interrupted':
        end(visit.attempts, event.at, 'interrupted');
        break;
    }
  }

  private keep(snapshot: NonNullable<EventPayload<'run.submitted'>['snapshot']>, at: number): void {
    for (const { id, visit, output, status } of snapshot) {
      const node = this.nodes.get(id);
      if (node === undefined) continue;
      Object.assign(visitOf(node, visit), { endedAt: at, output: excerpt(output, this.excerptBytes) });
      if (status === 'skipped') node.skipped = 'as in the run that this one forks';
    }
  }

  /** Whoever takes the baton knows nothing of attempts that had no end, except of those that others make in a pool. */
  private loseAttempts(at: number): void {
    this.endAttempts(at, 'lost', ({ pool }) => pool === null);
  }

  private endAttempts(at: number, outcome: AttemptEnd, which: (attempt: TimelineAttempt) => boolean): void {
    for (const { visits, undoing } of this.nodes.values()) {
      for (const attempts of [visits.at(-1)?.attempts ?? [], undoing]) {
        const last = attempts.at(-1);
        if (last !== undefined && which(last)) end(attempts, at, outcome);
      }
    }
  }
}

/** A value for people, bounded: the beginning of its text where it is longer than `maxBytes`. */
export function excerpt(value: JsonValue, maxBytes: number): Excerpt {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return { value, bytes, truncated: false };
  return { value: text.slice(0, maxBytes), bytes, truncated: true };
}

function visitOf(node: TimelineNode, visit: number): TimelineVisit {
  const known = node.visits.findLast((one) => one.visit === visit);
  if (known !== undefined) return known;
  const fresh: TimelineVisit = { visit, startedAt: null, endedAt: null, output: null, attempts: [], waits: [], steps: [] };
  node.visits.push(fresh);
  return fresh;
}

function attemptOf(event: JournalEvent): TimelineAttempt {
  const pool = event.type === 'node.dispatched' ? event.payload.pool : null;
  return { attempt: event.attempt, pool, startedAt: event.at, endedAt: null, outcome: null, error: null, retryAt: null };
}

function waitOf({ key, awaits, reason, wake_at: until }: EventPayload<'node.suspended'>, since: number): TimelineWait {
  return { key, awaits, reason, since, until, endedAt: null, endedBy: null };
}

function end(attempts: readonly TimelineAttempt[], at: number, outcome: AttemptEnd): void {
  const last = attempts.at(-1);
  if (last?.outcome === null) Object.assign(last, { endedAt: at, outcome });
}

function fail(attempts: readonly TimelineAttempt[], at: number, { error, retry_at: retryAt }: EventPayload<'node.failed'>): void {
  end(attempts, at, 'failed');
  Object.assign(attempts.at(-1) ?? {}, { error, retryAt });
}
