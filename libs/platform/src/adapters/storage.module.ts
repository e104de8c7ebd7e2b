import { Module, type DynamicModule, type Type } from '@nestjs/common';
import {
  AgentStore,
  ArtifactStore,
  BlobStore,
  BudgetLedger,
  CheckpointStore,
  CircuitStore,
  Clock,
  DeadLetterStore,
  DocumentStore,
  PatternStore,
  RagConfigStore,
  type RunArchive,
  RunAudit,
  RunLogStore,
  RunPlaces,
  RunRetention,
  RunStore,
  TaskStore,
  TenantBudgetStore,
  UploadStore,
  StatisticsStore,
  RunTally,
  UsageStore,
  WorkerRegistry,
  WorkflowStore,
} from '@baton/core';
import {
  Database,
  FileObjectStore,
  ObjectBlobStore,
  ObjectRunArchive,
  openDatabase,
  S3ObjectStore,
  SqlAgentStore,
  SqlArtifactStore,
  SqlBlobStore,
  SqlBudgetLedger,
  SqlCheckpointStore,
  SqlCircuitStore,
  SqlDeadLetterStore,
  SqlDocumentStore,
  SqlPatternStore,
  SqlRagConfigStore,
  SqlRunAudit,
  SqlRunLogStore,
  SqlRunPlaces,
  SqlRunRecords,
  SqlRunRetention,
  SqlRunStore,
  SqlTaskStore,
  SqlTenantBudgetStore,
  SqlUploadStore,
  SqlStatisticsStore,
  SqlRunTally,
  SqlUsageStore,
  SqlWorkerRegistry,
  SqlWorkflowStore,
} from '@baton/storage';
import { Closing } from '../closing.js';
import { archiveBucketOf, blobPathOf, type Config } from '../config.js';
import { rateLimited } from '../logging.js';
import { Metrics } from '../metrics.js';
import type { PlatformOptions } from '../platform-options.js';
import { DATABASE_FACTS, RUN_ARCHIVE } from '../tokens.js';

/** The truth: every store on one database, migrated before anybody gets to see it. */
@Module({})
export class StorageModule {
  static forRoot({ config, logger }: PlatformOptions): DynamicModule {
    const open = async (closing: Closing): Promise<Database> => {
      const database = await openDatabase({
        url: config.databaseUrl,
        poolSize: config.sqlPoolSize,
        connectTimeoutMs: config.sqlTimeoutMs,
        statementTimeoutMs: config.sqlTimeoutMs,
        boundMs: config.sqlWriteBoundMs,
      });
      closing.add('database', () => database.close());
      await database.migrate();
      const lossy = await database.findLossyCommit();
      if (lossy !== null) logger.warn({ reason: lossy }, 'A power cut may lose runs that were accepted');
      return database;
    };
    const openRuns = (database: Database, metrics: Metrics, closing: Closing): SqlRunStore => {
      const runs = new SqlRunStore(database, {
        maxRequests: config.commitMaxRequests,
        boundMs: config.sqlWriteBoundMs,
        logger: rateLimited(logger),
        observer: ({ ms, requests }) => metrics.observeCommit(ms, requests),
      });
      closing.add('journal', () => runs.close());
      return runs;
    };
    return {
      module: StorageModule,
      providers: [
        { provide: Database, useFactory: open, inject: [Closing] },
        { provide: DATABASE_FACTS, useFactory: (database: Database) => database.facts(), inject: [Database] },
        { provide: RunStore, useFactory: openRuns, inject: [Database, Metrics, Closing] },
        onDatabase(DeadLetterStore, SqlDeadLetterStore),
        onDatabase(RunPlaces, SqlRunPlaces),
        onDatabase(TaskStore, SqlTaskStore),
        onDatabase(AgentStore, SqlAgentStore),
        onDatabase(WorkflowStore, SqlWorkflowStore),
        onDatabase(WorkerRegistry, SqlWorkerRegistry),
        onDatabase(DocumentStore, SqlDocumentStore),
        onDatabase(UploadStore, SqlUploadStore),
        {
          provide: BlobStore,
          useFactory: (database: Database, clock: Clock, closing: Closing) => openBlobs(config, database, clock, closing),
          inject: [Database, Clock, Closing],
        },
        {
          provide: ArtifactStore,
          useFactory: (database: Database, blobs: BlobStore, clock: Clock) => new SqlArtifactStore(database, blobs, clock),
          inject: [Database, BlobStore, Clock],
        },
        {
          provide: BudgetLedger,
          useFactory: (database: Database, clock: Clock) => new SqlBudgetLedger(database, clock),
          inject: [Database, Clock],
        },
        onDatabase(TenantBudgetStore, SqlTenantBudgetStore),
        onDatabase(RunAudit, SqlRunAudit),
        onDatabase(RunLogStore, SqlRunLogStore),
        onDatabase(RunRetention, SqlRunRetention),
        {
          provide: RUN_ARCHIVE,
          useFactory: (database: Database, blobs: BlobStore, closing: Closing) => openArchive(config, database, blobs, closing),
          inject: [Database, BlobStore, Closing],
        },
        onDatabase(CheckpointStore, SqlCheckpointStore),
        onDatabase(PatternStore, SqlPatternStore),
        onDatabase(RagConfigStore, SqlRagConfigStore),
        onDatabase(CircuitStore, SqlCircuitStore),
        onDatabase(UsageStore, SqlUsageStore),
        onDatabase(StatisticsStore, SqlStatisticsStore),
        onDatabase(RunTally, SqlRunTally),
      ],
      exports: [
        Database,
        DATABASE_FACTS,
        AgentStore,
        DeadLetterStore,
        RunPlaces,
        RunStore,
        TaskStore,
        WorkflowStore,
        WorkerRegistry,
        DocumentStore,
        BlobStore,
        ArtifactStore,
        BudgetLedger,
        TenantBudgetStore,
        RunRetention,
        RUN_ARCHIVE,
        UploadStore,
        CheckpointStore,
        RunAudit,
        RunLogStore,
        PatternStore,
        RagConfigStore,
        CircuitStore,
        UsageStore,
        StatisticsStore,
        RunTally,
      ],
    };
  }
}

function openBlobs(config: Config, database: Database, clock: Clock, closing: Closing): BlobStore {
  switch (config.blobStore) {
    case 'sql':
      return new SqlBlobStore(database, clock);
    case 'fs':
      return new ObjectBlobStore(database, new FileObjectStore(blobPathOf(config)), clock);
    case 's3': {
      const objects = openS3(config, { bucket: config.s3Bucket, prefix: config.s3Prefix }, closing);
      return new ObjectBlobStore(database, objects, clock);
    }
  }
}

/** Null: runs are not archived. */
function openArchive(config: Config, database: Database, blobs: BlobStore, closing: Closing): RunArchive | null {
  switch (config.runArchive) {
    case 'off':
      return null;
    case 'fs': {
      const objects = new FileObjectStore(config.runArchivePath!, { contents: 'the archive', mustExist: true });
      return new ObjectRunArchive(new SqlRunRecords(database), blobs, objects);
    }
    case 's3': {
      const place = { bucket: archiveBucketOf(config), prefix: config.runArchivePrefix };
      return new ObjectRunArchive(new SqlRunRecords(database), blobs, openS3(config, place, closing));
    }
  }
}

function openS3(config: Config, place: { bucket: string; prefix: string }, closing: Closing): S3ObjectStore {
  const objects = new S3ObjectStore({
    ...{ ...place, endpoint: config.s3Url!, region: config.s3Region },
    ...{ accessKeyId: config.s3AccessKeyId!, secretAccessKey: config.s3SecretAccessKey! },
    ...{ pathStyle: config.s3PathStyle, timeoutMs: config.s3TimeoutMs },
  });
  closing.add('S3', () => objects.close());
  return objects;
}

function onDatabase<T>(provide: abstract new () => T, Store: Type<T>) {
  return { provide, useFactory: (database: Database) => new Store(database), inject: [Database] };
}
