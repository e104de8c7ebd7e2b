import {
  displacement,
  judgeAdmission,
  type PlaceVerdict,
  type AdmitOutcome,
  type RunLimit,
  type ScopeLoad,
  type SubmitOutcome,
} from '@baton/core';
import { DEFERRED } from './commit-dialect.js';
import type { RunHead } from './run-head.js';
import type { SubmitWrite } from './submissions.js';
import type { WriteOf, WriteRequest } from './write-request.js';

/**
 * `taken`: the run is live in the scope. `queued`: it stands in the scope's line. `wanted`: it stands in another line, and will need a place here.
 * `leaving`: it has been told to make room, and does not count any more.
 */
type PlaceStatus = 'taken' | 'queued' | 'wanted' | 'leaving';

export interface PlaceRow {
  readonly runId: string;
  readonly scope: string;
  readonly status: PlaceStatus;
  readonly at: number;
}

export type NewPlace = PlaceRow & { readonly tenantId: string };

/** A place of a run that asks to be admitted, with how many stand before it in that scope's line. */
export interface AwaitedPlace extends PlaceRow {
  readonly ahead: number;
}

/** What was read of limits under the locks of their scopes. */
export interface PlaceView {
  /** Scopes whose rows this batch has locked; the others are locked by another transaction. */
  readonly locked: ReadonlySet<string>;
  readonly counts: readonly { readonly scope: string; readonly status: PlaceStatus; readonly n: number }[];
  readonly awaited: readonly AwaitedPlace[];
  /** Of scopes whose oldest runs matter: those that hold places, the oldest first. */
  readonly oldest: readonly { readonly scope: string; readonly runId: string }[];
}

export const NO_PLACES: PlaceView = { locked: new Set(), counts: [], awaited: [], oldest: [] };

/** The limits that a batch must judge by. */
export function limitsOf(batch: readonly WriteRequest[]): RunLimit[] {
  return batch.flatMap((request) => {
    if (request.kind === 'submit') return [...(request.submission.limits ?? [])];
    return request.kind === 'admit' ? [...request.request.limits] : [];
  });
}

/** How many of the oldest runs of each scope a batch may want to know: to displace them, or to name the one that holds the only place. */
export function oldestWanted(limits: readonly RunLimit[]): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const { scope, onLimit, capacity } of limits) {
    if (onLimit === 'cancel_oldest' || capacity === 1) wanted.set(scope, (wanted.get(scope) ?? 0) + 1);
  }
  return wanted;
}

/** The runs that a batch may have to displace: their rows must be locked before it is decided. */
export function displaceable({ counts, oldest }: PlaceView, limits: readonly RunLimit[]): string[] {
  const displacing = limits.filter(({ onLimit }) => onLimit === 'cancel_oldest');
  return [...Map.groupBy(displacing, ({ scope }) => scope)].flatMap(([scope, asked]) => {
    const taken = counts.find((count) => count.scope === scope && count.status === 'taken')?.n ?? 0;
    const least = Math.min(...asked.map(({ capacity }) => capacity));
    const needed = Math.max(0, Math.min(asked.length, taken + asked.length - least));
    return oldest
      .filter((place) => place.scope === scope)
      .slice(0, needed)
      .map(({ runId }) => runId);
  });
}

type SendCancel = (head: RunHead, payload: string, at: number) => void;

/** The places as a batch leaves them. */
export class PlaceBook {
  readonly written: NewPlace[] = [];
  /** Runs whose places are all taken now. */
  readonly admitted: string[] = [];
  /** Runs that stand in another line now. */
  readonly moved: { runId: string; scope: string }[] = [];
  readonly leaving: { runId: string; scope: string }[] = [];
  /** Runs that have ended: their places are free. */
  readonly freed: string[] = [];
  /** Runs that go on in other ones, which have their places. */
  readonly passed: { runId: string; nextRunId: string }[] = [];
  private readonly waiting = new Set<string>();
  private readonly loads = new Map<string, { taken: number; queued: number }>();
  /** Runs that came into a line in this batch, or left it. */
  private readonly shifts: { scope: string; at: number; runId: string; by: 1 | -1 }[] = [];

  constructor(
    private readonly view: PlaceView,
    private readonly heads: ReadonlyMap<string, RunHead>,
    private readonly isLive: (head: RunHead) => boolean,
    private readonly sendCancel: SendCancel,
  ) {
    for (const { scope, status, n } of view.counts) {
      if (status === 'taken') this.loadOf(scope).taken = n;
      if (status === 'queued') this.loadOf(scope).queued = n;
    }
  }

  /** Whether a run of this batch waits for its places. */
  waits(runId: string): boolean {
    return this.waiting.has(runId);
  }

  /** Null: the run may be accepted, see {@link waits}. */
  submit({ submission }: SubmitWrite): SubmitOutcome | typeof DEFERRED | null {
    const { runId, tenantId, limits = [], at } = submission;
    if (limits.length === 0) return null;
    if (!this.locks(limits)) return DEFERRED;
    const admission = judgeAdmission(limits, ({ scope }) => this.lineEnd(scope), { accepted: false });
    if (admission.kind === 'refused') return this.refusal(admission.limit);
    if (!this.displace(admission, runId, at)) return DEFERRED;
    const statusIn = (scope: string): PlaceStatus => {
      if (admission.kind === 'admitted') return 'taken';
      return admission.limit.scope === scope ? 'queued' : 'wanted';
    };
    for (const { scope } of limits) {
      const status = statusIn(scope);
      this.written.push({ runId, tenantId, scope, status, at });
      if (status === 'taken') this.loadOf(scope).taken += 1;
      if (status === 'queued') this.loadOf(scope).queued += 1;
    }
    if (admission.kind === 'waits') this.waiting.add(runId);
    return null;
  }

  admit({ runId, request: { limits, at } }: WriteOf<'admit'>): AdmitOutcome | typeof DEFERRED {
    const places = this.view.awaited.filter((place) => place.runId === runId);
    const line = places.find(({ status }) => status === 'queued');
    if (line === undefined || this.shifts.some((shift) => shift.runId === runId)) return 'none';
    if (!this.locks(limits)) return DEFERRED;
    const loadOf = ({ scope }: RunLimit): ScopeLoad => ({
      taken: this.loadOf(scope).taken,
      ahead: this.aheadOf(places.find((place) => place.scope === scope)),
    });
    const admission = judgeAdmission(limits, loadOf, { accepted: true });
    if (!this.displace(admission, runId, at)) return DEFERRED;
    if (admission.kind === 'admitted') {
      this.admitted.push(runId);
      this.shift(line, -1);
      for (const { scope } of limits) this.loadOf(scope).taken += 1;
      return 'admitted';
    }
    if (admission.kind === 'waits' && admission.limit.scope !== line.scope) {
      this.moved.push({ runId, scope: admission.limit.scope });
      this.shift(line, -1);
      this.shift({ ...line, scope: admission.limit.scope }, 1);
    }
    return 'waits';
  }

  /** The run has ended; its places are free, or those of the run in which it goes on. */
  free({ id, limited }: RunHead, nextRunId: string | null): void {
    if (!limited) return;
    if (nextRunId === null) this.freed.push(id);
    else this.passed.push({ runId: id, nextRunId });
  }

  private shift({ scope, at, runId }: PlaceRow, by: 1 | -1): void {
    this.shifts.push({ scope, at, runId, by });
    this.loadOf(scope).queued += by;
  }

  /** How many stand in a scope's line before a run, as this batch leaves it. */
  private aheadOf(place: AwaitedPlace | undefined): number {
    if (place === undefined) return 0;
    const before = this.shifts.filter((shift) => shift.scope === place.scope && isBefore(shift, place));
    return before.reduce((ahead, { by }) => ahead + by, place.ahead);
  }

  private locks(limits: readonly RunLimit[]): boolean {
    return limits.every(({ scope }) => this.view.locked.has(scope));
  }

  private loadOf(scope: string): { taken: number; queued: number } {
    const known = this.loads.get(scope);
    if (known !== undefined) return known;
    const empty = { taken: 0, queued: 0 };
    this.loads.set(scope, empty);
    return empty;
  }

  private lineEnd(scope: string): ScopeLoad {
    const { taken, queued } = this.loadOf(scope);
    return { taken, ahead: queued };
  }

  private refusal(limit: RunLimit): SubmitOutcome {
    const { taken, queued } = this.loadOf(limit.scope);
    const holder = limit.capacity === 1 ? this.view.oldest.find(({ scope }) => scope === limit.scope) : undefined;
    return { kind: 'limited', limit, live: taken + queued, liveRunId: holder?.runId ?? null };
  }

  /** Tells one run of each full scope to make room; false when their rows cannot be had now, and nothing is done. */
  private displace(admission: PlaceVerdict, runId: string, at: number): boolean {
    if (admission.kind !== 'admitted' || admission.displaces.length === 0) return true;
    const victims = admission.displaces.map((limit) => ({ limit, head: this.oldestOf(limit) }));
    if (victims.some(({ head }) => head === undefined)) return false;
    for (const { limit, head } of victims) {
      this.leaving.push({ runId: head!.id, scope: limit.scope });
      this.loadOf(limit.scope).taken -= 1;
      this.sendCancel(head!, JSON.stringify(displacement(limit, runId)), at);
    }
    return true;
  }

  private oldestOf({ scope }: RunLimit): RunHead | undefined {
    const place = this.view.oldest.find((candidate) => candidate.scope === scope && !this.isLeaving(candidate));
    const head = place === undefined ? undefined : this.heads.get(place.runId);
    return head !== undefined && this.isLive(head) ? head : undefined;
  }

  private isLeaving({ scope, runId }: { scope: string; runId: string }): boolean {
    return this.leaving.some((left) => left.runId === runId && left.scope === scope);
  }
}

function isBefore(left: { at: number; runId: string }, right: { at: number; runId: string }): boolean {
  return left.at < right.at || (left.at === right.at && left.runId < right.runId);
}
