import type { Provider } from '@nestjs/common';
import { BlobStore, Clock, UploadStore } from '@baton/core';
import { DocumentRemover, IngestSweeper, type EngineObserver } from '@baton/engine';
import { ENGINE_OBSERVER } from '@baton/platform';

const INTERVAL_MS = 600_000;

/** Finishes removals of documents and uploads that were cut off. */
export const ingestSweeper: Provider = {
  provide: IngestSweeper,
  inject: [DocumentRemover, UploadStore, BlobStore, Clock, ENGINE_OBSERVER],
  useFactory: (remover: DocumentRemover, uploads: UploadStore, blobs: BlobStore, clock: Clock, observer: EngineObserver) =>
    new IngestSweeper({ remover, uploads, blobs, clock, observer, random: Math.random }, { intervalMs: INTERVAL_MS }),
};
