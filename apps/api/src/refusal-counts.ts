import type { Logger } from '@baton/core';
import type { Metrics } from '@baton/platform';

/** Why a request is refused before it is read. */
export type RefusalReason = 'event_loop' | 'backlog' | 'start_delay';

const LINE_EVERY_MS = 1_000;

/** Counts what is refused unread, for the metrics; the log gets a line a second with the numbers, while there are any. */
export class RefusalCounts {
  private refused: Partial<Record<RefusalReason, number>> | null = null;

  constructor(
    private readonly metrics: Pick<Metrics, 'countRequestRefused'>,
    private readonly log: Logger,
  ) {}

  add(reason: RefusalReason): void {
    this.metrics.countRequestRefused(reason);
    if (this.refused === null) {
      this.refused = {};
      setTimeout(() => this.writeLine(), LINE_EVERY_MS).unref();
    }
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
  }

  private writeLine(): void {
    this.log.warn({ refused: this.refused }, 'Requests were refused: there are more than can be done in time');
    this.refused = null;
  }
}
