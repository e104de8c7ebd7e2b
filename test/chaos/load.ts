import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from './caller.js';
import type { Chance } from './chance.js';
import type { LoadKind } from './load-kinds.js';

/** Callers in flight beyond which no more are begun: an outage must not pile up without end. */
const MAX_IN_FLIGHT = 400;

/** The mixed load at a steady rate, open loop: an outage does not slow the callers down. */
export class Load {
  private readonly work = new Set<Promise<void>>();
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();
  private readonly deck: LoadKind[];

  constructor(
    private readonly caller: Caller,
    private readonly chance: Chance,
    private readonly perSecond: number,
    kinds: readonly LoadKind[],
  ) {
    this.deck = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
  }

  start(): void {
    this.loop = this.run();
  }

  /** Begins no more work and waits until what is in flight is answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
    await Promise.all(this.work);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await pause((1_000 / this.perSecond) * (0.5 + this.chance.next()));
      if (this.work.size >= MAX_IN_FLIGHT) continue;
      const kind = this.chance.pick(this.deck);
      this.begin(kind.operate(this.caller));
      if (this.chance.next() < 0.25) this.begin(this.caller.readOne());
    }
  }

  private begin(work: Promise<void>): void {
    this.work.add(work);
    void work.finally(() => this.work.delete(work));
  }
}
