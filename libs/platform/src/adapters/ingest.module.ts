import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import {
  BlobStore,
  Clock,
  ReportRenderer,
  TextExtractor,
  UploadIngestor,
  UploadStore,
  WorkflowStore,
  type Logger,
} from '@baton/core';
import { FileReportRenderer, FileTextExtractor } from '@baton/documents';
import { DocumentIngestor, DocumentRemover, IngestSweeper, RunStarter, StoredUploadIngestor, UploadIntake } from '@baton/engine';
import { INGEST_WORKFLOW } from '@baton/nodes';
import { Closing } from '../closing.js';
import type { Config } from '../config.js';
import { rateLimited } from '../logging.js';
import { Metrics } from '../metrics.js';
import type { PlatformOptions } from '../platform-options.js';
import { CONFIG, LOGGER } from '../tokens.js';

/** How often a worker looks for what crashes have left behind. */
const SWEEP_EVERY_MS = 600_000;

/** Files on their way to documents, documents on their way out, and reports on their way to files. */
@Module({})
export class IngestModule implements OnModuleInit {
  private readonly log: Logger;
  private sweep: Promise<void> = Promise.resolve();

  constructor(
    private readonly sweeper: IngestSweeper,
    private readonly closing: Closing,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) log: Logger,
  ) {
    this.log = rateLimited(log);
  }

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
        {
          provide: IngestSweeper,
          useFactory: (remover: DocumentRemover, uploads: UploadStore, blobs: BlobStore, clock: Clock) =>
            new IngestSweeper({ remover, uploads, blobs, clock }),
          inject: [DocumentRemover, UploadStore, BlobStore, Clock],
        },
      ],
      exports: [ReportRenderer, UploadIngestor, UploadIntake],
    };
  }

  onModuleInit(): void {
    if (this.config.role === 'api') return;
    const sweepNow = (): void => void (this.sweep = this.runSweep());
    const timer = setInterval(sweepNow, SWEEP_EVERY_MS).unref();
    this.closing.add('ingest sweeper', async () => {
      clearInterval(timer);
      await this.sweep;
    });
    sweepNow();
  }

  private async runSweep(): Promise<void> {
    try {
      const counts = await this.sweeper.runOnce();
      if (Object.values(counts).some((count) => count > 0)) this.log.info(counts, 'Finished what had been cut off');
    } catch (err) {
      this.log.warn({ err }, 'What was cut off could not be finished; it is tried again');
    }
  }
}
