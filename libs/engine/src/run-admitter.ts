import type { Clock, RunPlaces, RunStore } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

export interface RunAdmitterOptions {
  intervalMs: number;
  /** Scopes looked at in one pass, and runs admitted to one of them at once. */
  batch: number;
}

export interface AdmitterPass {
  scopes: number;
  admitted: number;
}

/**
 * Admits the runs that wait in the lines of limits, in order, as places become free. It is rung at the end of a run that held a place; its passes
 * find what a ring has missed. Any number of admitters may run at once: SQL gives each place away once.
 */
export class RunAdmitter {
  private readonly loop: ActorLoop;
  private readonly rung = new Set<string>();
  private answering: Promise<void> | null = null;
  /** Where the walk over all lines stands. */
  private cursor = '';

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'admit'>;
      places: RunPlaces;
      clock: Clock;
      observer: EngineObserver;
      random: () => number;
    },
    private readonly options: RunAdmitterOptions,
  ) {
    this.loop = new ActorLoop('admitter', async () => void (await this.runOnce()), parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.answering;
  }

  /** Places of these scopes may have become free. Returns at once. */
  ring(scopes: readonly string[]): void {
    if (this.loop.isStopping) return;
    for (const scope of scopes) this.rung.add(scope);
    this.answering ??= this.answer().finally(() => (this.answering = null));
  }

  /** One pass: a page of the scopes that have a line, the next ones at the next pass. */
  async runOnce(): Promise<AdmitterPass> {
    const { batch: limit } = this.options;
    const scopes = await this.parts.places.scopesWithLine({ limit, ...(this.cursor !== '' && { after: this.cursor }) });
    this.cursor = scopes.length < limit ? '' : scopes.at(-1)!;
    let admitted = 0;
    for (const scope of scopes) admitted += await this.admitFirst(scope);
    return { scopes: scopes.length, admitted };
  }

  private async answer(): Promise<void> {
    while (this.rung.size > 0) {
      const scopes = [...this.rung];
      this.rung.clear();
      try {
        for (const scope of scopes) await this.admitFirst(scope);
      } catch (error) {
        // The next pass looks again.
        this.parts.observer.trouble({ what: 'admit', error });
      }
    }
  }

  /** Who finds another of its limits full leaves the line for that one's: then the next in line may go. */
  private async admitFirst(scope: string): Promise<number> {
    const { runs, places, clock, observer } = this.parts;
    const { batch } = this.options;
    const first = await places.firstInLine(scope, batch);
    const at = clock.now();
    const outcomes = await Promise.all(first.map(({ runId, limits }) => runs.admit({ runId, limits, at })));
    const admitted = outcomes.filter((outcome) => outcome === 'admitted').length;
    if (first.length === 0) return 0;
    if (admitted > 0) observer.runsAdmitted({ scope, runs: admitted });
    if (first.length === batch || admitted < outcomes.length) this.ring([scope]);
    return admitted;
  }
}
