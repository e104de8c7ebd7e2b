import type { RunStore, Signal } from '@baton/core';

interface Batch {
  readonly runIds: Set<string>;
  readonly signals: Promise<Map<string, Signal[]>>;
}

/** Reads inboxes: what is asked for while a read is in flight shares the next one. Every answer was read after its question. */
export class InboxReader {
  private waiting: Batch | null = null;
  private inFlight: Promise<unknown> = Promise.resolve();

  constructor(private readonly runs: RunStore) {}

  /** The signals in the inbox of one run, oldest first. */
  async read(runId: string): Promise<readonly Signal[]> {
    this.waiting ??= this.openBatch();
    this.waiting.runIds.add(runId);
    return (await this.waiting.signals).get(runId) ?? [];
  }

  private openBatch(): Batch {
    const runIds = new Set<string>();
    const signals = this.inFlight.then(async () => {
      this.waiting = null;
      return Map.groupBy(await this.runs.readSignals([...runIds]), (signal) => signal.runId);
    });
    this.inFlight = signals.catch(() => undefined);
    return { runIds, signals };
  }
}
