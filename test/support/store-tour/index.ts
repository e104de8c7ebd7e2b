import { SystemClock } from '@baton/core';
import {
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
  SqlRunTally,
  SqlStatisticsStore,
  SqlTaskStore,
  SqlTenantBudgetStore,
  SqlUploadStore,
  SqlUsageStore,
  SqlWorkerRegistry,
  SqlWorkflowStore,
  type Database,
} from '@baton/storage';
import { CallWatch } from './watch.js';
import {
  tourAgents,
  tourArtifacts,
  tourAudit,
  tourBudgets,
  tourCheckpoints,
  tourCircuits,
  tourDeadLetters,
  tourDocuments,
  tourFiles,
  tourLogs,
  tourPatterns,
  tourRagConfigs,
  tourRecords,
  tourRetention,
  tourStatistics,
  tourTasks,
  tourUsage,
  tourWorkers,
  tourWorkflows,
} from './others-tour.js';
import { tourRuns } from './runs-tour.js';

/** Calls the methods of all stores of filled tables, so that whoever looks on sees the statements of each. */
export async function tourStores(database: Database): Promise<CallWatch> {
  const calls = new CallWatch();
  const runs = calls.watch(new SqlRunStore(database));
  const tasks = calls.watch(new SqlTaskStore(database));
  const places = calls.watch(new SqlRunPlaces(database));
  const clock = new SystemClock();
  const blobs = calls.watch(new SqlBlobStore(database, clock));
  runs.onCommit(() => undefined);
  await tourRuns({ runs, tasks, places });
  await tourTasks(tasks);
  await tourWorkflows(calls.watch(new SqlWorkflowStore(database)));
  await tourDocuments(calls.watch(new SqlDocumentStore(database)));
  await tourFiles(blobs, calls.watch(new SqlUploadStore(database)));
  await tourArtifacts(calls.watch(new SqlArtifactStore(database, blobs, clock)));
  await tourUsage(calls.watch(new SqlUsageStore(database)));
  await tourBudgets(calls.watch(new SqlBudgetLedger(database, clock)), calls.watch(new SqlTenantBudgetStore(database)));
  await tourRecords(calls.watch(new SqlRunRecords(database)));
  await tourStatistics(calls.watch(new SqlRunTally(database)), calls.watch(new SqlStatisticsStore(database)));
  await tourCircuits(calls.watch(new SqlCircuitStore(database)));
  await tourPatterns(calls.watch(new SqlPatternStore(database)));
  await tourAgents(calls.watch(new SqlAgentStore(database)));
  await tourRagConfigs(calls.watch(new SqlRagConfigStore(database)));
  await tourWorkers(calls.watch(new SqlWorkerRegistry(database)));
  await tourCheckpoints(calls.watch(new SqlCheckpointStore(database)));
  await tourLogs(calls.watch(new SqlRunLogStore(database)));
  await tourAudit(calls.watch(new SqlRunAudit(database)));
  await tourDeadLetters(calls.watch(new SqlDeadLetterStore(database)));
  await runs.close();
  // Last: it removes what others look at.
  await tourRetention(calls.watch(new SqlRunRetention(database)));
  return calls;
}
