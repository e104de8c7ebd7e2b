import type { PortCalls } from '../support/in-memory/index.js';
import { nextTurn, ProcessClock, type SimClock } from './sim-clock.js';

/** The service behind a port. */
export type Service = 'sql' | 'queue' | 'locks' | 'outside';

/** What the world does to the calls of a process. */
export interface Weather {
  /** How late a timer is. */
  lateness(): number;
  /** Before the call is done: may wait, or throw, and then it is not done. */
  before(process: SimProcess, service: Service, operation: string): Promise<void> | void;
  /** After it was done: what throws here loses the reply. */
  after(process: SimProcess, service: Service, operation: string): Promise<void> | void;
}

/** A process that can be stopped, continued and killed at any of its awaits. */
export class SimProcess {
  readonly clock: ProcessClock;
  isDead = false;
  private readonly victims: (() => unknown)[] = [];
  /** What waits for it to go on, in the order in which it came; null: it goes on. */
  private waiting: (() => void)[] | null = null;

  constructor(
    readonly id: string,
    clock: SimClock,
    private readonly weather: Weather,
  ) {
    this.clock = new ProcessClock(clock, { lateness: () => weather.lateness(), gate: () => this.gate() });
  }

  /** SIGSTOP: its calls and timers wait. */
  stop(): void {
    this.waiting ??= [];
  }

  /** SIGCONT: what has waited goes on one after the other, as an event loop does it, not all at once. */
  async continue(): Promise<void> {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const goOn of waiting) {
      goOn();
      await nextTurn();
    }
  }

  /** kill -9: what waits, waits for ever. */
  kill(): void {
    this.isDead = true;
    for (const die of this.victims.splice(0)) die();
  }

  /** What dies with it. */
  onKill(die: () => unknown): void {
    this.victims.push(die);
  }

  connect(calls: PortCalls, service: Service): void {
    calls.all({
      before: async (operation) => {
        await this.gate();
        await this.weather.before(this, service, operation);
        // The weather may have stopped it, with the call on its lips.
        await this.gate();
      },
      after: async (operation) => {
        await this.weather.after(this, service, operation);
        await this.gate();
      },
    });
  }

  private gate(): Promise<void> | undefined {
    if (this.isDead) return new Promise(() => undefined);
    if (this.waiting === null) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.push(resolve);
    return promise.then(() => this.gate());
  }
}
