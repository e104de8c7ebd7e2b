import type { Run, SubmitOutcome } from '@baton/core';
import { DEFERRED } from './commit-dialect.js';
import type { WriteOf, WriteRequest } from './write-request.js';

export type SubmitWrite = WriteOf<'submit'>;

/** What SQL knew of a batch's submissions before it wrote anything. */
export interface KnownRuns {
  /** Runs that are there already under a submitted id: a lost reply. */
  readonly byId: ReadonlyMap<string, Run>;
  /** Runs by {@link scoped} Idempotency-Key. */
  readonly byKey: ReadonlyMap<string, { run: Run; requestDigest: string | null }>;
}

/** Live runs by {@link scoped} task id, as the batch's first submissions of each would set them; a task that does not exist is not in it. */
export type TaskMarks = ReadonlyMap<string, string | null>;

/** A name within its tenant, as one key. */
export function scoped(tenantId: string, name: string): string {
  return JSON.stringify([tenantId, name]);
}

export function submitsOf(batch: readonly WriteRequest[]): SubmitWrite[] {
  return batch.filter((request) => request.kind === 'submit');
}

/** The submissions of a batch, sorted by what is known before the task marks are set. */
export interface SortedSubmissions {
  readonly answered: Map<SubmitWrite, SubmitOutcome | typeof DEFERRED>;
  /** The first submission of each task: the ones that try to set the mark, in key order. */
  readonly claimants: SubmitWrite[];
}

/** Answers lost replies and repeated keys, and makes a second submission of one run or key wait for the first. */
export function sortSubmissions(submits: readonly SubmitWrite[], known: KnownRuns): SortedSubmissions {
  const answered: SortedSubmissions['answered'] = new Map();
  const claimants = new Map<string, SubmitWrite>();
  const seen = new Set<string>();
  for (const submit of submits) {
    const { runId, tenantId, taskId, idempotency } = submit.submission;
    const names = [runId, ...(idempotency === null ? [] : [scoped(tenantId, idempotency.key)])];
    const answer = answerKnown(submit, known);
    if (answer !== null) answered.set(submit, answer);
    else if (names.some((name) => seen.has(name))) answered.set(submit, DEFERRED);
    else if (taskId !== null && !claimants.has(scoped(tenantId, taskId))) claimants.set(scoped(tenantId, taskId), submit);
    for (const name of names) seen.add(name);
  }
  const inKeyOrder = [...claimants].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return { answered, claimants: inKeyOrder.map(([, submit]) => submit) };
}

/**
 * Submissions with a key whose task another has marked meanwhile: it may have been the same request, sent twice, so the key is looked up
 * again now that its commit is seen.
 */
export function refusedWithKey(
  submits: readonly SubmitWrite[],
  { answered }: SortedSubmissions,
  marks: TaskMarks,
): SubmitWrite[] {
  return submits.filter((submit) => {
    const { idempotency, taskId } = submit.submission;
    return idempotency !== null && taskId !== null && !answered.has(submit) && isRefused(submit, marks);
  });
}

function isRefused(submit: SubmitWrite, marks: TaskMarks): boolean {
  const decision = decideSubmission(submit, marks);
  return decision !== DEFERRED && decision.kind === 'duplicate';
}

export function answerKnown({ submission }: SubmitWrite, known: KnownRuns): SubmitOutcome | null {
  const own = known.byId.get(submission.runId);
  if (own !== undefined) return { kind: 'accepted', run: own };
  if (submission.idempotency === null) return null;
  const earlier = known.byKey.get(scoped(submission.tenantId, submission.idempotency.key));
  if (earlier === undefined) return null;
  if (earlier.run.id === submission.runId) return { kind: 'accepted', run: earlier.run };
  const same = earlier.requestDigest === submission.idempotency.requestDigest;
  return same ? { kind: 'replayed', run: earlier.run } : { kind: 'key_reused', runId: earlier.run.id };
}

/** What the task marks say about a submission that nothing else has answered. */
export function decideSubmission({ submission }: SubmitWrite, marks: TaskMarks): SubmitOutcome | typeof DEFERRED {
  const { runId, tenantId, taskId } = submission;
  if (taskId !== null) {
    const liveRunId = marks.get(scoped(tenantId, taskId));
    if (liveRunId === undefined) return { kind: 'task_missing' };
    // The live run ended between the mark and its reading.
    if (liveRunId === null) return DEFERRED;
    if (liveRunId !== runId) return { kind: 'duplicate', liveRunId };
  }
  return { kind: 'accepted', run: acceptedRun(submission) };
}

function acceptedRun(submission: SubmitWrite['submission']): Run {
  const { runId, tenantId, taskId, workflow, input, fork, parent = null, continuedFrom, limits = [], at } = submission;
  return {
    ...{ id: runId, tenantId, taskId, workflow, status: 'queued', input, seq: 1, epoch: 0 },
    ...{
      workerId: null,
      wakeAt: at,
      generation: 0,
      revision: 0,
      limited: limits.length > 0,
      priority: submission.priority ?? 'normal',
      forkedFrom: fork?.forked_from.run_id ?? null,
      parent,
      continuedFrom: continuedFrom?.run_id ?? null,
      startedBy: submission.by ?? null,
      budget: submission.budget ?? null,
      createdAt: at,
      startedAt: null,
      finishedAt: null,
    },
  };
}

/** Whose the tasks are once the batch is written: one without a live run gets the mark of the first that claims it. */
export function markTasks(claimants: readonly SubmitWrite[], locked: TaskMarks, skipped: TaskMarks): TaskMarks {
  const marks = new Map([...skipped, ...locked]);
  for (const { runId, submission } of claimants) {
    const task = scoped(submission.tenantId, submission.taskId!);
    if (locked.get(task) === null) marks.set(task, runId);
  }
  return marks;
}
