import { DEFAULT_TENANT, type QueuedDispatch, type RunPriority } from '@baton/core';

/** Whether tenants take turns and priorities count; `auto`: once a run asks for either, see {@link isPlain}. */
export type Fairness = 'auto' | 'on' | 'off';

/**
 * How a job of one line moves the line's clock: each tenant has a line for each priority, and what stands in it comes `lag` levels after what is
 * served now, or `step` levels after the one before it.
 */
export interface Turn {
  readonly line: string;
  readonly step: number;
  readonly lag: number;
}

/** Jobs of high priority that a tenant gets for one turn: they pass its others, and are not worth a tenant for each job. */
const HIGH_PER_TURN = 8;
/** Turns of its tenant that a job of low priority lets pass. */
const LOW_LAG = 500;

const STEPS: Readonly<Record<RunPriority, Omit<Turn, 'line'>>> = {
  high: { step: 1 / HIGH_PER_TURN, lag: 0 },
  normal: { step: 1, lag: 0 },
  low: { step: 1, lag: LOW_LAG },
};

export function turnOf({ tenantId = DEFAULT_TENANT, priority = 'normal' }: Pick<QueuedDispatch, 'tenantId' | 'priority'>): Turn {
  return { line: `${priority} ${tenantId}`, ...STEPS[priority] };
}

/** A dispatch to which fairness makes no difference where all are like it. */
export function isPlain({ tenantId = DEFAULT_TENANT, priority = 'normal' }: QueuedDispatch): boolean {
  return tenantId === DEFAULT_TENANT && priority === 'normal';
}

interface Place {
  readonly id: string;
  readonly level: number;
  readonly order: number;
}

/** Who waits, by level and then first in, first out: start-time fair queueing, within one process. The first one's level is the present. */
export class TurnLine {
  /** A binary heap. */
  private readonly places: Place[] = [];
  private readonly clocks = new Map<string, number>();
  private order = 0;

  /** The level of one more job of the line. Whoever waited for nothing begins at the present. */
  nextLevel({ line, step, lag }: Turn): number {
    const [first] = this.places;
    if (first === undefined) this.clocks.clear();
    const clock = Math.max((first?.level ?? 0) + lag, this.clocks.get(line) ?? 0) + step;
    this.clocks.set(line, clock);
    return Math.ceil(clock);
  }

  push(id: string, level: number): void {
    const { places } = this;
    const place = { id, level, order: (this.order += 1) };
    let at = places.length;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(place, places[above]!); above = (at - 1) >> 1) {
      places[at] = places[above]!;
      at = above;
    }
    places[at] = place;
  }

  /** The one whose turn it is. @throws Error when nobody waits. */
  pop(): string {
    const { places } = this;
    const [first] = places;
    const last = places.pop();
    if (first === undefined || last === undefined) throw new Error('nobody waits');
    if (places.length > 0) this.sink(last);
    return first.id;
  }

  private sink(place: Place): void {
    const { places } = this;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below + 1 < places.length && isBefore(places[below + 1]!, places[below]!)) below += 1;
      if (below >= places.length || isBefore(place, places[below]!)) break;
      places[at] = places[below]!;
      at = below;
    }
    places[at] = place;
  }
}

function isBefore(one: Place, other: Place): boolean {
  return one.level === other.level ? one.order < other.order : one.level < other.level;
}
