import {
  nodeEvent,
  runEvent,
  workflowScope,
  type PoolOutcome,
  type RunLimit,
  type RunStore,
  type Submission,
  type TaskStore,
  ROLES,
} from '@baton/core';
import type { SqlRunPlaces } from '@baton/storage';
import { rowId } from '../filled-tables.js';
import { claim, claimedRun, completed, ending, newTask, submission, WORKFLOW } from '../run-requests.js';

const LOCK = { method: 'redis', holder: 'api/1', tokenLength: 32 } as const;
const TENANT = 'default';
const DIGEST = 'e'.repeat(64);
const DEADLINE = 4_000_000_000_000;
const ERROR = { code: 'node_failed', message: 'no' };
const LETTER = { kind: 'run', nodeId: 'n', nodeType: 'work', error: ERROR, attempts: 3, failedNodes: 1 } as const;

interface Stores {
  runs: RunStore;
  tasks: TaskStore;
  places: SqlRunPlaces;
}

/** Does to runs all that a run store does, most of it as several requests of one batch. */
export async function tourRuns(stores: Stores): Promise<void> {
  await startAndEnd(stores);
  await takeOver(stores);
  await waitForOthers(stores);
  await haveChildren(stores);
  await goOn(stores);
  await keepLimits(stores);
  await read(stores);
}

async function startAndEnd({ runs, tasks }: Stores): Promise<void> {
  const [task, other] = [newTask(), newTask()];
  for (const one of [task, other]) await tasks.create(one);
  const idempotency = { key: task.id, requestDigest: 'd' };
  const request = submission({ taskId: task.id, lock: LOCK, idempotency });
  await runs.submit(request);
  const second = submission({ taskId: other.id });
  await Promise.all([runs.submit(second), runs.submit({ ...request, runId: submission().runId }), runs.submit(submission())]);
  await runs.submit(submission({ taskId: task.id, idempotency: { key: other.id, requestDigest: 'd' } }));
  const both = [request.runId, second.runId];
  await Promise.all(both.map((runId) => runs.claim(claim(runId, { lock: LOCK }))));
  const usage = { ...{ model_calls: 1, prompt_tokens: 1, completion_tokens: 1, cost_micros: 1 }, model: 'm', agent: 'a' };
  const step = nodeEvent('step.completed', { id: 'n', visit: 1, attempt: 1 }, 1_000, { key: 's', output: null, usage });
  const append = { epoch: 1, baseSeq: 1, events: [step, completed(1)] };
  await Promise.all(both.map((runId) => runs.append({ runId, ...append })));
  // As after a lost reply.
  await Promise.all(both.map((runId) => runs.append({ runId, ...append })));
  const end = { kind: 'end', closesApprovals: true, closesPoolJobs: true, revision: 0 } as const;
  const failed = {
    events: [runEvent('run.failed', 2, { error: ERROR })],
    settle: { ...end, status: 'failed', deadLetter: LETTER },
  };
  const ended = { ...ending(1), settle: { ...end, status: 'completed' } } as const;
  const ends = [failed, ended] as const;
  await Promise.all(both.map((runId, index) => runs.append({ runId, epoch: 1, baseSeq: 3, ...ends[index]! } as never)));
}

async function takeOver({ runs }: Stores): Promise<void> {
  const { runId, epoch } = await claimedRun(runs);
  await runs.claim(claim(runId));
  await runs.append({ runId, epoch, baseSeq: 1, ...ending(1) });
  await runs.append({ runId, epoch: 2, baseSeq: 1, events: [], settle: { kind: 'hand_back', wakeAt: 1, uncounted: true } });
  const due = await runs.dueRuns({ now: Date.now(), limit: 10 });
  const after = { wakeAt: due.at(-1)!.wakeAt, runId: due.at(-1)!.runId };
  await runs.dueRuns({ now: Date.now(), after, limit: 10 });
  await runs.dueRuns({ now: Date.now(), heldBy: [rowId('workers', 1), 'worker-1'], limit: 10 });
  await runs.raiseGenerations(due, Date.now());
}

/** For people, for events and for pools. */
async function waitForOthers({ runs }: Stores): Promise<void> {
  const { runId, epoch } = await claimedRun(runs);
  const awaits = { key: 'decision', awaits: { kind: 'approval' }, wake_at: null, reason: 'Approve?' } as const;
  const waiting = ['a', 'b'].map((id) => nodeEvent('node.suspended', { id, visit: 1, attempt: 1 }, 1_000, awaits));
  const out = ['c', 'd'].map((id) =>
    nodeEvent('node.dispatched', { id, visit: 1, attempt: 1 }, 1_000, { pool: 'gpu', deadline: DEADLINE }),
  );
  const events = [...waiting, ...out];
  await runs.append({ runId, epoch, baseSeq: 1, events, settle: { kind: 'park', wakeAt: null } });
  const by = { by: 'ann', roles: ROLES, link: null, comment: null, payload: null, at: 5_000 };
  await runs.decide({ runId, nodeId: 'a', visit: 1, decision: 'approve', token: 't', ...by });
  await runs.listApprovals({ status: 'open', tenantId: TENANT, limit: 10 });
  await runs.listApprovals({ status: 'open', tenantId: TENANT, runId, after: { requestedAt: 1, id: '' }, limit: 10 });
  await runs.listApprovals({ status: 'open', tenantId: TENANT, after: { requestedAt: 1_700_000_000_500, id: '' }, limit: 10 });
  for (const status of ['decided', 'closed'] as const)
    await runs.listApprovals({ status, tenantId: TENANT, after: { requestedAt: 1_700_000_000_500, id: '' }, limit: 10 });
  await runs.findApproval({ runId, nodeId: 'a', visit: 1 });
  const key = { runId, seq: 4, token: 'pool-token' };
  await runs.changePoolJob({ ...key, kind: 'take', workerId: 'w', generation: 0, at: 2_000 });
  await runs.changePoolJob({ ...key, kind: 'step', key: 's', output: 1, wakes: true, at: 2_000 });
  await runs.changePoolJob({ ...key, kind: 'raise', generation: 0 });
  await runs.changePoolJob({ ...key, kind: 'take', workerId: 'w', generation: 1, at: 2_000 });
  const outcome: PoolOutcome = { kind: 'completed', output: null, skip: [], repeat: false };
  await runs.changePoolJob({ ...key, kind: 'finish', outcome, at: 3_000 });
  await runs.findPoolJobs(runId, [4, 5]);
  const idle = { now: 1, dispatchedBy: 1_700_000_001_000, limit: 10 };
  const [first] = await runs.idlePoolJobs(idle);
  await runs.idlePoolJobs({ ...idle, after: { dispatchedAt: first!.dispatchedAt, id: `${first!.runId}.${first!.seq}` } });
  const diff = { nodes: { added: [], changed: [], removed: [] }, edges: { added: [], removed: [] }, fields: [] };
  const draft = { runId, digest: DIGEST, previousDigest: 'd', diff, by: 'ann', reason: 'r', patch: [], at: 5_000 };
  await runs.patch({ ...draft, base: 0, token: 'one' });
  await runs.patch({ ...draft, base: 0, token: 'one' });
  await runs.signal(runId, 'event', { name: 'go' }, 6_000);
  const claimed = await runs.claim(claim(runId));
  if (claimed.kind !== 'claimed') throw new Error(`Not claimed: ${claimed.kind}`);
  const consumed = (await runs.readSignals([runId])).map(({ id }) => id);
  const made = { revision: 1, digest: DIGEST, previous_digest: 'd', by: 'ann', reason: 'r' };
  const patched = runEvent('run.patched', 6_000, { ...made, added: [], changed: [], removed: [] });
  const more = { epoch: claimed.run.epoch, baseSeq: claimed.run.seq, events: [patched], consumed, closedPoolJobs: [5] };
  await runs.append({ runId, ...more });
  await runs.patch({ ...draft, base: 1, token: 'two' });
  for (const query of [{}, { standing: true }, { token: 'one' }, { before: 2 }])
    await runs.listRevisions({ runId, limit: 10, ...query });
  const settle = { kind: 'end', status: 'completed', closesApprovals: true, closesPoolJobs: true } as const;
  await runs.append({ runId, epoch: claimed.run.epoch, baseSeq: claimed.run.seq + 1, ...ending(1), settle });
}

async function haveChildren({ runs }: Stores): Promise<void> {
  const { runId, epoch } = await claimedRun(runs);
  const starts = [0, 1].map((index): Submission => {
    const request = submission();
    return { ...request, parent: { runId, nodeId: 'n', index, childId: request.runId, depth: 1 } };
  });
  const started = nodeEvent('children.started', { id: 'n', visit: 1, attempt: 1 }, 1_000, { key: 'kids', places: [0, 1] });
  await runs.append({ runId, epoch, baseSeq: 1, events: [started], starts });
  const child = starts[0]!.runId;
  await runs.claim(claim(child));
  const tells = { runId, payload: { child_id: child, run_id: child, status: 'completed', output: 1 } };
  await runs.append({ runId: child, epoch: 1, baseSeq: 1, ...ending(1), settle: { kind: 'end', status: 'completed', tells } });
  for (const parentId of [runId, rowId('runs', 1)])
    for (const live of [true, false]) await runs.listRuns({ tenantId: TENANT, parentId, live, limit: 10 });
}

async function goOn({ runs, tasks }: Stores): Promise<void> {
  const task = newTask();
  await tasks.create(task);
  const { runId, epoch } = await claimedRun(runs, { taskId: task.id, limits: [limit('go-on', 'queue')] });
  const continuesAs = submission({ continuedFrom: { run_id: runId, events: [] }, taskId: task.id });
  const events = [runEvent('run.completed', 5_000, { output: null, continued_as: continuesAs.runId })];
  await runs.append({ runId, epoch, baseSeq: 1, events, settle: { kind: 'end', status: 'completed', continuesAs } });
}

function limit(name: string, onLimit: RunLimit['onLimit']): RunLimit {
  return { scope: workflowScope(TENANT, name), tenantId: TENANT, kind: 'workflow', name, capacity: 1, onLimit };
}

async function keepLimits({ runs, places }: Stores): Promise<void> {
  const queue = [limit('in-line', 'queue')];
  const requests = [1, 2, 3].map((at) => submission({ limits: queue, at }));
  for (const request of requests) await runs.submit(request);
  await runs.claim(claim(requests[0]!.runId));
  await places.placeInLine(requests[2]!.runId);
  await runs.append({ runId: requests[0]!.runId, epoch: 1, baseSeq: 1, ...ending(1) });
  const [first] = await places.firstInLine(queue[0]!.scope, 10);
  await runs.admit({ ...first!, at: 9_000 });
  const oldest = [limit('oldest', 'cancel_oldest')];
  for (const at of [1, 2]) await runs.submit(submission({ limits: oldest, at }));
  await places.firstInLine(rowId('run_scopes', 1), 10);
  await places.scopesWithLine({ limit: 10 });
  await places.scopesWithLine({ after: rowId('run_scopes', 1), limit: 10 });
  await places.list('tenant-1', 10);
}

async function read({ runs }: Stores): Promise<void> {
  const ids = [rowId('runs', 1), rowId('runs', 5)];
  await runs.readJournal(ids[0]!, 0, 10);
  await runs.readJournal(ids[0]!, 900, 10);
  await runs.findRun(ids[0]!);
  await runs.findRuns(ids);
  await runs.readSignals(ids);
  await runs.liveRuns({ runIds: ids, taskIds: [rowId('tasks', 1), rowId('tasks', 2)] });
  const page = { tenantId: TENANT, limit: 10 };
  const before = { createdAt: 1_700_000_000_500, runId: ids[0]! };
  const kinds = [{}, { taskId: rowId('tasks', 3) }, { workflowId: WORKFLOW.id }, { status: 'completed' }] as const;
  for (const kind of kinds) for (const from of [{}, { before }]) await runs.listRuns({ ...page, ...kind, ...from });
  await runs.listRuns({ ...page, status: 'queued', workflowId: WORKFLOW.id });
  await runs.listRuns({ ...page, createdFrom: 1_700_000_000_400, createdTo: 1_700_000_000_500 });
  await runs.countRuns();
  await runs.countQueued(10);
  await runs.countQueued(10, TENANT);
  await runs.ping();
}
