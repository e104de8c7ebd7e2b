import type { Clock } from '@baton/core';
import type { EngineObserver } from './engine-observer.js';

export interface ActorLoopParts {
  clock: Clock;
  observer: Pick<EngineObserver, 'trouble'>;
  random: () => number;
}

/**
 * What keeps a maintenance actor going: one pass after the other, at intervals with jitter, so that the replicas of an actor spread. A pass that
 * fails is told as trouble and made again at the next interval.
 */
export class ActorLoop {
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  /** @param name what the actor is called in trouble  @param pass bounded work; asks {@link isStopping} where it takes long  @param intervalMs asked after each pass where it changes */
  constructor(
    private readonly name: string,
    private readonly pass: () => Promise<void>,
    private readonly parts: ActorLoopParts,
    private readonly intervalMs: number | (() => number),
  ) {}

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Aborted where it is to stop: for what a pass waits for. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  start(): void {
    this.loop = this.run();
  }

  /** Resolves when the pass in work is done. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { clock, observer, random } = this.parts;
    while (!this.isStopping) {
      await this.pass().catch((error: unknown) => observer.trouble({ what: this.name, error }));
      const intervalMs = typeof this.intervalMs === 'number' ? this.intervalMs : this.intervalMs();
      await clock.sleep(intervalMs * (0.75 + random() / 2), this.stopping.signal);
    }
  }
}
