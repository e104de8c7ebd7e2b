import { Inject, Injectable } from '@nestjs/common';
import { BatonError, Clock } from '@baton/core';
import { CONFIG, type Config } from '@baton/platform';

interface Call {
  readonly dueAt: number;
  /** Null once it is answered: what waits for the watch holds nothing of it. */
  giveUp: (() => void) | null;
}

/**
 * Bounds a call that reads and writes several times: each of these is bounded by SQL_WRITE_BOUND_MS, and so is the whole.
 *
 * All calls share one timer.
 */
@Injectable()
export class AnswerBound {
  private calls: Call[] = [];
  private isWatched = false;
  private readonly boundMs: number;

  constructor(
    private readonly clock: Clock,
    @Inject(CONFIG) config: Pick<Config, 'sqlWriteBoundMs'>,
  ) {
    this.boundMs = config.sqlWriteBoundMs;
  }

  /**
   * Settles as `work` does. What it does later than the bound may still take effect, and only a repetition tells.
   *
   * @throws BatonError `storage_unavailable` at most a twentieth of the bound late.
   */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: Call = { dueAt: this.clock.monotonic() + this.boundMs, giveUp: () => reject(this.tooLate()) };
      const end = (): void => void (call.giveUp = null);
      work.then(end, end);
      work.then(resolve, reject);
      this.calls.push(call);
      if (!this.isWatched) void this.watch();
    });
  }

  private async watch(): Promise<void> {
    this.isWatched = true;
    while (this.calls.length > 0) {
      await this.clock.sleep(this.boundMs / 20);
      const now = this.clock.monotonic();
      for (const { giveUp } of this.calls.filter(({ dueAt }) => dueAt <= now)) giveUp?.();
      this.calls = this.calls.filter(({ dueAt, giveUp }) => dueAt > now && giveUp !== null);
    }
    this.isWatched = false;
  }

  private tooLate(): BatonError {
    return new BatonError(
      'storage_unavailable',
      `The database did not let this be done within ${this.boundMs} ms. It may yet be done: repeat it with the same Idempotency-Key.`,
      {},
      { retryAfterSeconds: 1 },
    );
  }
}
