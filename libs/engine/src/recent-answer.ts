import type { Clock } from '@baton/core';

/** An answer that is asked for at most once in a while: whoever wants it meanwhile is given the last one. One that fails is given to nobody else. */
export class RecentAnswer<T> {
  private answer: Promise<T> | null = null;
  private askedAt = -Infinity;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly freshForMs: number,
  ) {}

  /** No older than `freshForMs`, counted from when it was asked for. */
  get(): Promise<T> {
    const now = this.clock.monotonic();
    if (this.answer !== null && now - this.askedAt < this.freshForMs) return this.answer;
    const answer = this.ask();
    this.answer = answer;
    this.askedAt = now;
    answer.catch(() => {
      if (this.answer === answer) this.answer = null;
    });
    return answer;
  }
}
