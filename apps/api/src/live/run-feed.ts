import { Injectable } from '@nestjs/common';
import { BatonError, Clock, type JournalEvent } from '@baton/core';
import { RunWatcher } from '@baton/engine';
import type { LiveClient } from './live-client.js';

/** How long a page is kept for a client that is full; after that it is read anew. */
const KEEP_PAGE_MS = 1_000;
const RETRY_MS = 1_000;

/** Sends journals to clients of sockets: each event once and in order, no more at a time than a client takes. */
@Injectable()
export class RunFeed {
  constructor(
    private readonly watcher: RunWatcher,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends the run's events after `afterSeq` until it ends or `signal` aborts. While the client is full, nothing is held for it: it goes on from
   * the journal. Waits out a database that is away.
   */
  async send(
    run: { id: string; afterSeq: number },
    to: { client: LiveClient; signal: AbortSignal; write: (event: JournalEvent) => void | Promise<void> },
  ): Promise<void> {
    const { client, signal, write } = to;
    let seq = run.afterSeq;
    /** False: the client has not made room. */
    const sendPage = async (page: readonly JournalEvent[]): Promise<boolean> => {
      for (const event of page) {
        if (client.isFull && !(await client.hasRoomWithin(KEEP_PAGE_MS))) return false;
        if (signal.aborted) return false;
        await write(event);
        ({ seq } = event);
      }
      return true;
    };
    const sendAll = async (): Promise<boolean> => {
      for await (const page of this.watcher.followRun(run.id, seq, signal)) if (!(await sendPage(page))) return false;
      return true;
    };
    while (!signal.aborted && !(await this.unlessAway(sendAll, signal))) await client.room();
  }

  /** False while the database is away. */
  private async unlessAway(work: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return true;
      if (!(error instanceof BatonError) || error.code !== 'storage_unavailable') throw error;
      await this.clock.sleep(RETRY_MS, signal);
      return false;
    }
  }
}
