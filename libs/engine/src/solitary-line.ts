import type { Clock } from '@baton/core';

/** Goes one after the other what may kill the process: so it takes nobody of its kind with it, and shows itself. */
export class SolitaryLine {
  private last: Promise<void> = Promise.resolve();

  /** @param boundMs after which the next may go, whatever became of the one before */
  constructor(
    private readonly clock: Clock,
    private readonly boundMs: number,
  ) {}

  /** Resolves when it is the caller's turn, with what ends the turn; it ends by itself after the bound. */
  async enter(): Promise<() => void> {
    const before = this.last;
    const turn = Promise.withResolvers<void>();
    this.last = turn.promise;
    await before;
    const left = new AbortController();
    void this.clock.sleep(this.boundMs, left.signal).then(turn.resolve);
    return () => left.abort();
  }
}
