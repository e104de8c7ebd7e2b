import { Module, type DynamicModule, type Type } from '@nestjs/common';
import {
  AgentStore,
  BlobStore,
  CheckpointStore,
  CircuitStore,
  Clock,
  DeadLetterStore,
  DocumentStore,
  RagConfigStore,
  RunAudit,
  RunPlaces,
  RunStore,
  TaskStore,
  UploadStore,
  UsageStore,
  WorkerRegistry,
  WorkflowStore,
} from '@baton/core';
import {
  Database,
  openDatabase,
  SqlAgentStore,
  SqlBlobStore,
  SqlCheckpointStore,
  SqlCircuitStore,
  SqlDeadLetterStore,
  SqlDocumentStore,
  SqlRagConfigStore,
  SqlRunAudit,
  SqlRunPlaces,
  SqlRunStore,
  SqlTaskStore,
  SqlUploadStore,
  SqlUsageStore,
  SqlWorkerRegistry,
  SqlWorkflowStore,
} from '@baton/storage';
import { Closing } from '../closing.js';
import { rateLimited } from '../logging.js';
import { Metrics } from '../metrics.js';
import type { PlatformOptions } from '../platform-options.js';
import { DATABASE_FACTS } from '../tokens.js';

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
          useFactory: (database: Database, clock: Clock) => new SqlBlobStore(database, clock),
          inject: [Database, Clock],
        },
        onDatabase(RunAudit, SqlRunAudit),
        onDatabase(CheckpointStore, SqlCheckpointStore),
        onDatabase(RagConfigStore, SqlRagConfigStore),
        onDatabase(CircuitStore, SqlCircuitStore),
        onDatabase(UsageStore, SqlUsageStore),
      ],
      exports: [
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
        UploadStore,
        CheckpointStore,
        RunAudit,
        RagConfigStore,
        CircuitStore,
        UsageStore,
      ],
    };
  }
}

function onDatabase<T>(provide: abstract new () => T, Store: Type<T>) {
  return { provide, useFactory: (database: Database) => new Store(database), inject: [Database] };
}
