import { Clock } from '@baton/core';
import { VirtualClock, type Chance } from '../support/in-memory/index.js';

/** Turns of the event loop at one instant; the largest graphs need some thousands. */
const MAX_TURNS = 50_000;

/** Virtual time for thousands of worlds: it waits for exactly as many turns of the event loop as there is work, and timers of one instant fire in any order. */
export class SimClock extends VirtualClock {
  constructor(private readonly chance: Chance) {
    super();
  }

  /** @throws Error when something goes round for ever while no time passes. */
  override async settle(): Promise<void> {
    let turns = 0;
    do {
      await nextTurn();
      turns += 1;
      if (turns > MAX_TURNS) throw new Error('something goes round for ever while no time passes');
    } while (process.getActiveResourcesInfo().includes('Immediate'));
  }

  /** False: it did not happen within `withinMs` of virtual time. */
  async happensWithin(withinMs: number, condition: () => boolean): Promise<boolean> {
    const deadline = this.instant + withinMs;
    for (;;) {
      await this.settle();
      if (condition()) return true;
      const next = this.nextTimer();
      if (next === null || next.at > deadline) {
        this.instant = deadline;
        return false;
      }
      this.instant = Math.max(this.instant, next.at);
      next.ring();
    }
  }

  protected override rank(): number {
    return this.chance.next();
  }
}

/** The time of one process: the same instants, but timers that may be late, stand still while the process is stopped, and never fire once it is dead. */
export class ProcessClock extends Clock {
  constructor(
    private readonly clock: Clock,
    private readonly parts: { lateness(): number; gate(): Promise<void> | undefined },
  ) {
    super();
  }

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.clock.sleep(ms + this.parts.lateness(), signal);
    await this.parts.gate();
  }
}

/** Lets everything go on that is ready to. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
