import {
  AgentSpecSchema,
  closedCircuit,
  holdId,
  PatternSpecSchema,
  periodAccount,
  runAccount,
  TenantBudgetSchema,
  WorkflowDefinitionSchema,
} from '@baton/core';
import type {
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
  SqlRunRecords,
  SqlRunRetention,
  SqlRunTally,
  SqlStatisticsStore,
  SqlTaskStore,
  SqlTenantBudgetStore,
  SqlUploadStore,
  SqlUsageStore,
  SqlWorkerRegistry,
  SqlWorkflowStore,
} from '@baton/storage';
import { rowId } from '../filled-tables.js';
import { newTask, WORKFLOW } from '../run-requests.js';
import { LOCAL_SETTINGS } from '../retrieval.js';
import { uploadFor } from '../uploads.js';

const TENANT = 'default';
const PAST = 1_700_000_000_000;
/** Half-way through what there is, by number. */
const ROWS_BEFORE = 1_000;
/** And by time. */
const BEFORE = { createdAt: PAST + 1_000, id: '' };

export async function tourTasks(tasks: SqlTaskStore): Promise<void> {
  const task = newTask({ idempotency: { key: 'k', requestDigest: 'd' } });
  await tasks.create(task);
  await tasks.create({ ...task, id: 'another' });
  await tasks.create({ ...task, idempotency: null });
  await tasks.find(TENANT, task.id);
  await tasks.list(TENANT, { limit: 10 });
  await tasks.list(TENANT, { limit: 10, filter: { status: 'running', titlePrefix: 'A' } });
  await tasks.list(TENANT, { before: BEFORE, limit: 10 });
  await tasks.activities(TENANT, rowId('tasks', 1), { limit: 10 });
  await tasks.activities(TENANT, rowId('tasks', 1), { afterRunId: rowId('runs', 1), afterSeq: 900, limit: 10 });
  const conflict = {
    tenantId: TENANT,
    taskId: task.id,
    runId: null,
    method: 'upfront',
    holder: 'api/1',
    tokenLength: 0,
    at: 1,
  } as const;
  await tasks.recordConflict(conflict);
  await tasks.lockHistory(TENANT, rowId('tasks', 1), 10);
}

export async function tourWorkflows(workflows: SqlWorkflowStore): Promise<void> {
  const definition = WorkflowDefinitionSchema.parse({ name: 'toured', nodes: [{ id: 'a', type: 'echo' }] });
  const { workflow } = await workflows.keep(TENANT, { definition, source: null }, 1);
  await workflows.keep(TENANT, { definition, source: null }, 1);
  await workflows.findByName(TENANT, 'toured');
  await workflows.findByName(TENANT, 'toured', 1);
  await workflows.findById(TENANT, workflow.id, 1);
  await workflows.find(TENANT, workflow.id);
  for (const name of ['toured', workflow.id]) await workflows.findSummary(TENANT, name);
  await workflows.publish(TENANT, definition, 1);
  await workflows.findByDigest(await workflows.keepDefinition(TENANT, definition, 1));
  await workflows.keepDefinition(TENANT, definition, 1);
  for (const archived of [false, true]) await workflows.list(TENANT, { limit: 10, archived });
  await workflows.list(TENANT, { afterName: 'name-5', limit: 10 });
  await workflows.listVersions(TENANT, workflow.id, { before: 5, limit: 10 });
  await workflows.archive(TENANT, workflow.id, 1);
  await workflows.keep(TENANT, { definition, source: null }, 1);
}

export async function tourBudgets(ledger: SqlBudgetLedger, budgets: SqlTenantBudgetStore): Promise<void> {
  const account = runAccount(rowId('runs', 1));
  const wanted = { tokens: 1, cost_micros: 1, model_calls: 1 };
  const call = { runId: rowId('runs', 1), nodeId: 'a', visit: 1, step: 's', fence: { epoch: 1 } };
  const hold = { id: holdId(call), tenantId: TENANT, ...call, accounts: [account], wanted };
  const pooled = { ...call, fence: { jobId: rowId('pool_jobs', 1), token: 't' } };
  await ledger.reserve(hold, [{ account, limits: { tokens: 10 }, granted: {} }]);
  await ledger.reserve({ ...hold, ...pooled, id: holdId(pooled) }, [{ account, limits: {}, granted: { tokens: 1 } }]);
  await ledger.settle(hold, wanted);
  await ledger.settle(hold, null);
  await ledger.open(TENANT, [account, periodAccount('day', '2026-03-01'), periodAccount('month', '2026-03')]);
  await ledger.find(TENANT, [account, periodAccount('day', '2026-03-01')]);
  await ledger.findAbandoned(10);
  await ledger.forget(PAST + 5);
  await budgets.find(TENANT);
  await budgets.save(TENANT, TenantBudgetSchema.parse({ day: { tokens: 1 } }), 1);
  await budgets.save(TENANT, null, 1);
  await budgets.findAsks({ after: rowId('approvals', 1), limit: 5 });
}

/** Of the oldest runs a few. */
export async function tourRetention(retention: SqlRunRetention): Promise<void> {
  await retention.nextTenant('');
  await retention.nextTenant(TENANT);
  const page = { tenantId: TENANT, before: PAST + 1_900, unarchivedSince: PAST, limit: 20 };
  const { runs } = await retention.findEnded({ ...page, after: null });
  await retention.findEnded({ ...page, after: { createdAt: PAST + 1_000, runId: rowId('runs', 1_000) } });
  await retention.takeAway(runs, PAST);
  const unarchived = { runId: rowId('runs', 3), tenantId: TENANT, detail: 'd', at: PAST + 1_990 };
  await retention.reportUnarchived(unarchived);
  await retention.findUnarchived({ since: PAST + 1_900, limit: 10 });
  await retention.remove({ tenantId: TENANT, runId: rowId('runs', 90), at: PAST });
  // First all up to the run with the long journal, and then a part of that one.
  for (let pass = 0; pass < 2; pass += 1) await retention.clear(PAST + 2, 50);
}

export async function tourRecords(records: SqlRunRecords): Promise<void> {
  for (const runId of [rowId('runs', 0), rowId('runs', 1)]) {
    const run = await records.find(runId);
    for await (const record of records.list(run!)) void record;
    await records.payloads(runId);
  }
}

export async function tourDocuments(documents: SqlDocumentStore): Promise<void> {
  const document = { id: 'toured', tenantId: TENANT, title: 't', source: null, contentHash: 'h', mediaType: 'm', bytes: 1 };
  const page = { ...document, chunkCount: 1, createdAt: 1 };
  const chunks = [{ id: 'toured.0', documentId: 'toured', index: 0, text: 't' }];
  await documents.save(page, 't', chunks);
  await documents.save({ ...page, id: 'again' }, 't', []);
  await documents.markIndexed('toured', 1, 1);
  await documents.find(TENANT, 'toured');
  await documents.chunksOf('toured');
  await documents.textOf('toured');
  await documents.countChunks(TENANT);
  await documents.list(TENANT, { limit: 10 });
  await documents.list(TENANT, { before: BEFORE, limit: 10, filter: { titlePrefix: 'title', sourcePrefix: 'source' } });
  await documents.markRemoved(TENANT, 'toured', 1);
  await documents.listRemoved(10);
  await documents.remove(TENANT, 'toured');
}

export async function tourFiles(blobs: SqlBlobStore, uploads: SqlUploadStore): Promise<void> {
  const upload = uploadFor();
  await uploads.add([upload, uploadFor({ runId: upload.runId, position: 1 })]);
  await uploads.list(upload.runId, { from: 1, limit: 10 });
  await uploads.findAbandoned(PAST + 1_000, 10);
  await uploads.remove(upload.runId);
  const digest = await blobs.put(TENANT, Buffer.from('toured'));
  await blobs.put(TENANT, Buffer.from('toured'));
  await blobs.has(TENANT, digest);
  await blobs.get(TENANT, digest);
  await blobs.delete(TENANT, digest);
  await blobs.findUnused({ createdBefore: PAST + 1_000, after: null, limit: 10 });
}

export async function tourArtifacts(artifacts: SqlArtifactStore): Promise<void> {
  const runId = rowId('runs', 1);
  const draft = {
    tenantId: TENANT,
    runId,
    nodeId: 'n',
    key: 'k',
    name: 'a.md',
    mediaType: 'text/markdown',
    content: Buffer.from('a'),
  };
  await artifacts.read(await artifacts.keep(draft));
  await artifacts.keep(draft);
  for (const whose of [{}, { runId }])
    for (const from of [{}, { before: BEFORE }]) await artifacts.list({ tenantId: TENANT, limit: 10, ...whose, ...from });
}

export async function tourUsage(usage: SqlUsageStore): Promise<void> {
  const days = { tenantId: TENANT, from: 'day-100', to: 'day-100', limit: 10 };
  await usage.sum({ ...days, groupBy: [] });
  await usage.sum({ ...days, groupBy: ['day', 'workflow', 'model'], workflowId: WORKFLOW.id });
  await usage.sum({ ...days, groupBy: ['node'], runId: rowId('runs', 1) });
}

export async function tourStatistics(tally: SqlRunTally, statistics: SqlStatisticsStore): Promise<void> {
  await tally.endedRuns({ after: { finishedAt: PAST + 1_000, runId: '' }, until: PAST + 2_000, limit: 10 });
  await tally.count([rowId('runs', 5), rowId('runs', 6)], PAST + 1_950);
  await tally.countedTo();
  const period = { tenantId: TENANT, span: 'day', from: PAST + 1_800, to: PAST + 2_000 } as const;
  for (const workflows of [{}, { workflowIds: [WORKFLOW.id] }]) {
    await statistics.counts({ ...period, ...workflows, groupBy: ['slot', 'workflow', 'band'] });
    await statistics.counts({ ...period, ...workflows, groupBy: [] });
    await statistics.costs({ ...period, ...workflows, groupBy: ['slot', 'agent', 'model'], limit: 10 });
    await statistics.costs({ ...period, ...workflows, groupBy: [], limit: 1 });
  }
  await statistics.busiest({ ...period, limit: 10 });
  await statistics.live(TENANT);
  await statistics.live(TENANT, WORKFLOW.id);
}

export async function tourCircuits(circuits: SqlCircuitStore): Promise<void> {
  const circuit = closedCircuit({ tenantId: TENANT, target: 'https://a.test' });
  await circuits.replace(circuit);
  await circuits.replace({ ...circuit, revision: 1, failures: 1 });
  await circuits.find(circuit);
  await circuits.listTroubled(10);
  await circuits.addCalls([
    { tenantId: TENANT, target: 'https://a.test', minuteAt: PAST, calls: 1, failures: 0, totalMs: 1, maxMs: 1 },
  ]);
  await circuits.list({ tenantId: TENANT, since: PAST, targets: ['https://a.test'], limit: 10 });
  await circuits.list({ tenantId: TENANT, since: PAST, after: 'target-5', limit: 10 });
  await circuits.forget(PAST + 10);
}

export async function tourPatterns(patterns: SqlPatternStore): Promise<void> {
  const template = { nodes: [{ id: 'a', type: 'echo' }], output: 'a' };
  const spec = PatternSpecSchema.parse({ name: 'toured', description: 'One node.', template });
  await patterns.create({ ...spec, tenantId: TENANT, createdAt: 1, updatedAt: 1 });
  await patterns.replace(TENANT, spec, 2);
  await patterns.find(TENANT, 'toured');
  await patterns.list(TENANT, { limit: 10 });
  await patterns.list(TENANT, { afterName: 'name-5', limit: 10 });
  await patterns.remove(TENANT, 'toured');
}

export async function tourAgents(agents: SqlAgentStore): Promise<void> {
  const spec = AgentSpecSchema.parse({ name: 'toured', role: 'r', instructions: 'i' });
  await agents.create({ ...spec, id: 'toured', tenantId: TENANT, createdAt: 1, updatedAt: 1 });
  await agents.create({ ...spec, id: 'other', tenantId: TENANT, createdAt: 1, updatedAt: 1 });
  await agents.replace(TENANT, 'toured', spec, 2);
  await agents.findByName(TENANT, 'toured');
  await agents.list(TENANT, { limit: 10 });
  await agents.list(TENANT, { afterName: 'name-5', limit: 10 });
}

export async function tourRagConfigs(configs: SqlRagConfigStore): Promise<void> {
  const config = { revision: 0, active: LOCAL_SETTINGS, next: null, runId: null, leftovers: [], updatedAt: 1 };
  await configs.create({ tenantId: 'toured', ...config });
  await configs.replace({ tenantId: 'toured', ...config, revision: 1 }, 0);
  await configs.replace({ tenantId: 'toured', ...config, revision: 2 }, 0);
}

export async function tourWorkers(workers: SqlWorkerRegistry): Promise<void> {
  const worker = { id: 'toured', host: 'h', pid: 1, processStart: '1', startedAt: 1, nodeTypes: [] };
  await workers.register(worker, 60_000);
  await workers.renew('toured', 60_000, { runs: 1, nodes: 1 });
  await workers.isLive('toured');
  await workers.list();
  await workers.expire('toured', 1);
  await workers.expire('toured');
  await workers.forget(PAST + 10);
}

export async function tourCheckpoints(checkpoints: SqlCheckpointStore): Promise<void> {
  await checkpoints.keep({ runId: 'toured', tenantId: TENANT, seq: 1, state: Buffer.from('s'), createdAt: 1 });
  await checkpoints.find('toured');
  await checkpoints.remove(['toured']);
  await checkpoints.removeEnded({ after: null, limit: 10 });
  await checkpoints.removeEnded({ after: rowId('runs', 500), limit: 10 });
}

export async function tourLogs(logs: SqlRunLogStore): Promise<void> {
  const subject = { runId: rowId('runs', 2), tenantId: TENANT, nodeId: 'n', visit: 1, attempt: 1 };
  const line = { ...subject, level: 'info', at: PAST, message: 'said', fields: { some: 1 }, bytes: 14 } as const;
  await logs.append([line, line]);
  await logs.sizes([rowId('runs', 2), rowId('runs', 4)]);
  await logs.read({ tenantId: TENANT, runId: rowId('runs', 1), after: 0, limit: 10 });
  await logs.read({ tenantId: TENANT, runId: rowId('runs', 1), after: ROWS_BEFORE, limit: 10 });
  await logs.read({ tenantId: TENANT, runId: rowId('runs', 2), nodeId: 'n', level: 'info', after: 0, limit: 10 });
}

export async function tourAudit(audit: SqlRunAudit): Promise<void> {
  await audit.endedRuns({ after: { finishedAt: PAST + 1_000, runId: '' }, until: PAST + 2_000, limit: 10 });
  await audit.runningRuns({ after: rowId('runs', 500), limit: 10 });
  await audit.outline([rowId('runs', 1), rowId('runs', 6)], 10);
  await audit.report({ runId: 'toured', tenantId: TENANT, kind: 'gap', detail: 'd', foundAt: 1 });
  await audit.findings({ since: PAST + 1_900, limit: 10 });
}

export async function tourDeadLetters(letters: SqlDeadLetterStore): Promise<void> {
  const open = { tenantId: TENANT, status: 'open', limit: 10 } as const;
  await letters.list(open);
  await letters.list({ ...open, before: { at: PAST + 1_000, runId: '' } });
  await letters.list({ ...open, from: PAST + 900, to: PAST + 1_000, workflowId: WORKFLOW.id });
  await letters.list({ ...open, code: 'code-8' });
  await letters.list({ ...open, nodeType: 'node_type-8' });
  await letters.countOpen(10);
  await letters.listOpen({ offset: 10, limit: 10 });
  await letters.resolve(TENANT, rowId('runs', 4), { status: 'discarded', at: 1, by: 'ann' });
}
