import { Module, type DynamicModule } from '@nestjs/common';
import { BlobStore, Clock, ReportRenderer, TextExtractor, UploadIngestor, UploadStore, WorkflowStore } from '@baton/core';
import { FileReportRenderer, FileTextExtractor } from '@baton/documents';
import { DocumentIngestor, RunStarter, StoredUploadIngestor, UploadIntake } from '@baton/engine';
import { INGEST_WORKFLOW } from '@baton/nodes';
import { Closing } from '../closing.js';
import { Metrics } from '../metrics.js';
import type { PlatformOptions } from '../platform-options.js';

/** Files on their way to documents, documents on their way out, and reports on their way to files. */
@Module({})
export class IngestModule {
  static forRoot({ config }: PlatformOptions): DynamicModule {
    const limits = {
      maxFiles: config.ingestMaxFiles,
      maxFileBytes: config.ingestMaxFileBytes,
      maxBatchBytes: config.ingestMaxBatchBytes,
    };
    return {
      module: IngestModule,
      providers: [
        {
          provide: TextExtractor,
          useFactory: (closing: Closing) => {
            const extractor = new FileTextExtractor({
              maxBytes: config.ingestMaxFileBytes,
              timeoutMs: config.extractTimeoutMs,
              maxMemoryBytes: config.extractMaxMemoryBytes,
              maxPages: config.extractMaxPages,
              readers: config.extractReaders,
            });
            closing.add('readers of files', () => extractor.close());
            return extractor;
          },
          inject: [Closing],
        },
        { provide: ReportRenderer, useFactory: () => new FileReportRenderer({ fonts: config.reportFonts }) },
        {
          provide: UploadIngestor,
          useFactory: (
            uploads: UploadStore,
            blobs: BlobStore,
            extractor: TextExtractor,
            ingestor: DocumentIngestor,
            metrics: Metrics,
          ) => new StoredUploadIngestor({ uploads, blobs, extractor, ingestor }, () => metrics.countIngested(1)),
          inject: [UploadStore, BlobStore, TextExtractor, DocumentIngestor, Metrics],
        },
        {
          provide: UploadIntake,
          useFactory: (uploads: UploadStore, blobs: BlobStore, workflows: WorkflowStore, starter: RunStarter, clock: Clock) =>
            new UploadIntake({ uploads, blobs, workflows, starter, clock }, limits, INGEST_WORKFLOW.name),
          inject: [UploadStore, BlobStore, WorkflowStore, RunStarter, Clock],
        },
      ],
      exports: [ReportRenderer, UploadIngestor, UploadIntake],
    };
  }
}
