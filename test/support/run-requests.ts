import { randomUUID } from 'node:crypto';
import { runEvent, nodeEvent, type AppendRequest, type ClaimRequest, type EventDraft, type Submission } from '@baton/core';
import type { NewTask, Run, RunStore } from '@baton/core';

export const WORKFLOW = { id: 'wf-1', name: 'answer', version: 1, digest: 'd'.repeat(64) };

export function submission(change: Partial<Submission> = {}): Submission {
  return {
    ...{ runId: randomUUID(), tenantId: 'default', taskId: null, workflow: WORKFLOW, input: { q: 'why?' }, idempotency: null },
    ...{ at: Date.now(), lock: null, ...change },
  };
}

export function newTask(change: Partial<NewTask> = {}): NewTask {
  return {
    ...{ id: randomUUID(), tenantId: 'default', title: 'a task', description: null, input: null, at: Date.now() },
    ...{ idempotency: null, ...change },
  };
}

export function claim(runId: string, change: Partial<ClaimRequest> = {}): ClaimRequest {
  return { runId, workerId: 'worker-1', token: randomUUID(), generation: null, at: Date.now(), lock: null, ...change };
}

/** An event that is no progress, told apart by its number. */
export function started(attempt: number): EventDraft {
  return nodeEvent('node.started', { id: 'n', visit: 1, attempt }, 1_000 + attempt, {});
}

/** An event of progress, told apart by its output. */
export function completed(output: number): EventDraft {
  return nodeEvent('node.completed', { id: 'n', visit: 1, attempt: 1 }, 1_000, { output });
}

export function ending(output: number): Pick<AppendRequest, 'events' | 'settle'> {
  return { events: [runEvent('run.completed', 2_000, { output })], settle: { kind: 'end', status: 'completed' } };
}

/** Submits a run and claims it; the worker has no lease, so that another claim may take it over at once. */
export async function claimedRun(
  runs: RunStore,
  change: Partial<Submission> = {},
): Promise<Pick<AppendRequest, 'runId' | 'epoch'> & { run: Run }> {
  const { runId } = await accepted(runs, change);
  const outcome = await runs.claim(claim(runId));
  if (outcome.kind !== 'claimed') throw new Error(`Not claimed: ${outcome.kind}`);
  return { runId, epoch: outcome.run.epoch, run: outcome.run };
}

export async function accepted(runs: RunStore, change: Partial<Submission> = {}): Promise<Submission> {
  const request = submission(change);
  const outcome = await runs.submit(request);
  if (outcome.kind !== 'accepted') throw new Error(`Not accepted: ${outcome.kind}`);
  return request;
}
