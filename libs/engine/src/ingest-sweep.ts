import type { BlobKey, BlobStore, Clock, UploadStore } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';
import type { DocumentRemover } from './remove-document.js';

export interface SweepCounts {
  removals: number;
  batches: number;
  blobs: number;
}

export interface IngestSweeperOptions {
  intervalMs: number;
  /** Blobs that are looked at in one pass. */
  blobsSeen: number;
}

/** Uploads and blobs younger than this may belong to a batch that is still coming in. */
const YOUNG_MS = 3_600_000;
const AT_ONCE = 1_000;

/** Finishes what crashes have left behind: removals of documents, uploads of runs that have ended or never were, blobs that nobody wants. */
export class IngestSweeper {
  private readonly loop: ActorLoop;
  private afterBlob: BlobKey | null = null;

  constructor(
    private readonly parts: {
      remover: DocumentRemover;
      uploads: UploadStore;
      blobs: BlobStore;
      clock: Clock;
      observer: EngineObserver;
      random: () => number;
    },
    private readonly options: IngestSweeperOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('ingest sweeper', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass, of a thousand removals and uploads and `blobsSeen` blobs at most; safe in many processes at once. */
  async runOnce(): Promise<SweepCounts> {
    const { remover, uploads, clock, observer } = this.parts;
    const before = clock.now() - YOUNG_MS;
    const removals = await remover.finishAll();
    const abandoned = await uploads.findAbandoned(before, AT_ONCE);
    for (const runId of abandoned) await uploads.remove(runId);
    const counts = { removals, batches: abandoned.length, blobs: await this.collectBlobs(before) };
    observer.ingestSwept(counts);
    return counts;
  }

  /** The next pages; after the last one begins the first one again, with the next pass. */
  private async collectBlobs(createdBefore: number): Promise<number> {
    const { blobs } = this.parts;
    let removed = 0;
    for (let left = this.options.blobsSeen; left > 0 && !this.loop.isStopping; left -= AT_ONCE) {
      const limit = Math.min(left, AT_ONCE);
      const { unused, next } = await blobs.findUnused({ createdBefore, after: this.afterBlob, limit });
      for (const { tenantId, digest } of unused) await blobs.delete(tenantId, digest);
      removed += unused.length;
      this.afterBlob = next;
      if (next === null) break;
    }
    return removed;
  }
}
