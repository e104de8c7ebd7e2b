import { z } from 'zod';
import { BudgetOverSchema } from './budget.js';
import { EVENT_SCHEMAS, type EventDraft } from './journal-event.js';
import type { JsonObject, JsonValue } from './json.js';
import { ROLES } from './role.js';
import { toWireStepUsage, type StepUsage } from './usage.js';

/** Which dispatch of which run: the seq of its `node.dispatched`. */
export interface PoolJobKey {
  readonly runId: string;
  readonly seq: number;
}

/** An attempt of a node that is out in a pool. Its row opens with the event that dispatches it, and ends with its outcome. */
export interface PoolJob extends PoolJobKey {
  readonly tenantId: string;
  readonly nodeId: string;
  readonly visit: number;
  readonly attempt: number;
  readonly pool: string;
  readonly dispatchedAt: number;
  /** After which nobody takes it and the attempt fails. */
  readonly deadline: number;
  /** Raised with each new job in the queue: an older one then has nothing to do. */
  readonly generation: number;
  /** How often a worker has taken it and has neither ended it nor given it back. */
  readonly takes: number;
  /** Who works on it. */
  readonly workerId: string | null;
  /** Of the take: whoever has another one is too late. */
  readonly token: string | null;
  readonly takenAt: number | null;
}

/** The id of a pool job: `<run>.<seq>`. Run ids have no dots. */
export function poolJobId({ runId, seq }: PoolJobKey): string {
  return `${runId}.${seq}`;
}

/** Reads a pool job's id; null for text that is none. */
export function parsePoolJobId(text: string): PoolJobKey | null {
  const [, runId, seq] = /^([^.]{1,64})\.([1-9]\d{0,9})$/.exec(text) ?? [];
  return runId === undefined ? null : { runId, seq: Number(seq) };
}

/** What came of an attempt in a pool, as the signal to its run carries it. `skipped`: no worker of the pool has its type. */
export const PoolOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('completed'),
    output: z.json(),
    /** Dependents that are skipped with it. */
    skip: z.array(z.strictObject({ node_id: z.string(), reason: z.string() })),
    repeat: z.boolean(),
    continues: EVENT_SCHEMAS['node.completed'].shape.continues,
  }),
  z.strictObject({ kind: z.literal('failed'), error: EVENT_SCHEMAS['run.failed'].shape.error }),
  z.strictObject({ kind: z.literal('suspended'), ...EVENT_SCHEMAS['node.suspended'].shape }),
  z.strictObject({ kind: z.literal('skipped'), reason: z.string() }),
  /** More is wanted of a budget than is left; null: the run has asked for more. */
  z.strictObject({
    kind: z.literal('over_budget'),
    ask: z
      .strictObject({
        scope: z.enum(['run', 'tree', 'tenant']),
        account: z.string().optional(),
        over: z.array(BudgetOverSchema),
        until: z.int().nullable(),
        role: z.enum(ROLES).optional(),
      })
      .nullable(),
  }),
]);
export type PoolOutcome = z.infer<typeof PoolOutcomeSchema>;

const News = { node_id: z.string(), visit: z.int(), attempt: z.int(), dispatch: z.int() };

/** The payload of a signal `pool`: a step that is finished, or the outcome. */
export const PoolNewsSchema = z.union([
  z.strictObject({ ...News, step: EVENT_SCHEMAS['step.completed'] }),
  z.strictObject({ ...News, outcome: PoolOutcomeSchema }),
]);
export type PoolNews = z.infer<typeof PoolNewsSchema>;

/** What somebody wants to do to a pool job. */
export type PoolJobChange = PoolJobKey &
  (
    | {
        readonly kind: 'take';
        readonly workerId: string;
        readonly token: string;
        readonly generation: number;
        readonly at: number;
      }
    /** A finished step goes into the run's inbox. `wakes`: a parked run is woken for it. */
    | {
        readonly kind: 'step';
        readonly token: string;
        readonly key: string;
        readonly output: JsonValue;
        readonly usage?: StepUsage;
        /** Which hold of the ledger its usage settles. */
        readonly hold?: string;
        readonly wakes: boolean;
        readonly at: number;
      }
    /** Ends the job and tells its run. */
    | { readonly kind: 'finish'; readonly token: string; readonly outcome: PoolOutcome; readonly at: number }
    /** Gives it back undone: the take does not count. */
    | { readonly kind: 'release'; readonly token: string }
    /** Takes it from a dead holder, if there is one, and makes room for a new job in the queue. */
    | { readonly kind: 'raise'; readonly token: string | null; readonly generation: number }
  );

export type PoolJobOutcome =
  | { kind: 'done'; job: PoolJob }
  /** `gone`: it has ended, or its run wants it no more; `late`: its deadline has passed. Nothing was written. */
  | { kind: 'refused'; reason: 'gone' | 'held' | 'outdated' | 'late' };

/** What a change comes to. */
export interface PoolJobRuling {
  readonly outcome: PoolJobOutcome;
  /** The row afterwards; null: it is removed; undefined: it stays as it is. */
  readonly after?: PoolJob | null;
  /** Goes into the run's inbox in the same commit. */
  readonly news?: { readonly payload: JsonObject; readonly wakes: boolean; readonly at: number };
}

/** Decides a change on the row that there is; changes nothing itself. The token is the fence, and tells a repeated take from another's. */
export function ruleOnPoolJob(job: PoolJob | undefined, change: PoolJobChange): PoolJobRuling {
  if (job === undefined) return refused('gone');
  switch (change.kind) {
    case 'take':
      return take(job, change);
    case 'raise': {
      if (job.token !== change.token || job.generation !== change.generation) return refused('outdated');
      return changed({ ...job, generation: job.generation + 1, workerId: null, token: null, takenAt: null });
    }
    default:
      if (job.token !== change.token) return refused('outdated');
  }
  if (change.kind === 'release') return changed({ ...job, takes: job.takes - 1, workerId: null, token: null, takenAt: null });
  const { nodeId, visit, attempt, seq } = job;
  const subject = { node_id: nodeId, visit, attempt, dispatch: seq };
  const { at } = change;
  if (change.kind === 'finish') {
    const payload: PoolNews = { ...subject, outcome: change.outcome };
    return { outcome: { kind: 'done', job }, after: null, news: { payload, wakes: true, at } };
  }
  const { key, output, usage, hold } = change;
  const used = usage === undefined ? {} : { usage: toWireStepUsage(usage), ...(hold !== undefined && { hold }) };
  const step = { key, output, ...used };
  const payload: PoolNews = { ...subject, step };
  return { outcome: { kind: 'done', job }, news: { payload, wakes: change.wakes, at } };
}

function take(job: PoolJob, { workerId, token, generation, at }: Extract<PoolJobChange, { kind: 'take' }>): PoolJobRuling {
  if (job.token === token) return { outcome: { kind: 'done', job } };
  if (job.token !== null) return refused('held');
  if (generation !== job.generation) return refused('outdated');
  if (at >= job.deadline) return refused('late');
  return changed({ ...job, takes: job.takes + 1, workerId, token, takenAt: at });
}

function changed(job: PoolJob): PoolJobRuling {
  return { outcome: { kind: 'done', job }, after: job };
}

function refused(reason: Extract<PoolJobOutcome, { kind: 'refused' }>['reason']): PoolJobRuling {
  return { outcome: { kind: 'refused', reason } };
}

/** A job that an event opens; its run and seq are known to who journals it. */
export type OpenedPoolJob = Pick<PoolJob, 'nodeId' | 'visit' | 'attempt' | 'pool' | 'dispatchedAt' | 'deadline'> & {
  /** The place of the event in its append, from 0. */
  readonly place: number;
};

/** The jobs that these events open: rows are written in the commit that journals them. */
export function openedPoolJobs(events: readonly EventDraft[]): OpenedPoolJob[] {
  return events.flatMap((event, place): OpenedPoolJob[] => {
    if (event.type !== 'node.dispatched') return [];
    const { nodeId, visit, attempt, at } = event;
    const { pool, deadline } = event.payload;
    return [{ nodeId: nodeId!, visit, attempt, pool, dispatchedAt: at, deadline, place }];
  });
}

/** The row that an event opens, `baseSeq` being the last seq before its append. */
export function freshPoolJob(
  run: { id: string; tenantId: string },
  baseSeq: number,
  { place, ...opened }: OpenedPoolJob,
): PoolJob {
  return {
    ...{ runId: run.id, seq: baseSeq + place + 1, tenantId: run.tenantId, ...opened },
    ...{ generation: 0, takes: 0, workerId: null, token: null, takenAt: null },
  };
}

/** Open jobs that no live worker holds. */
export interface IdlePoolJobsQuery {
  /** Those whose deadline has not passed. */
  readonly now: number;
  /** Dispatched by then at the latest. */
  readonly dispatchedBy: number;
  /** Keyset: only rows after this one, in the order of (dispatchedAt, id). */
  readonly after?: { readonly dispatchedAt: number; readonly id: string };
  readonly limit: number;
}
