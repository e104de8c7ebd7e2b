import type { Provider } from '@nestjs/common';
import { BlobStore, Clock, UploadStore } from '@baton/core';
import { DocumentRemover, IngestSweeper, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** Finishes removals of documents and uploads that were cut off. */
export const ingestSweeper: Provider = {
  provide: IngestSweeper,
  inject: [DocumentRemover, UploadStore, BlobStore, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (
    remover: DocumentRemover,
    uploads: UploadStore,
    blobs: BlobStore,
    clock: Clock,
    observer: EngineObserver,
    { ingestSweeperIntervalMs: intervalMs, ingestSweeperBlobs: blobsSeen }: Config,
  ) => new IngestSweeper({ remover, uploads, blobs, clock, observer, random: Math.random }, { intervalMs, blobsSeen }),
};
