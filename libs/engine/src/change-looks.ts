import { approvalId, type RunStore, type TaskStore, type WorkerRegistry } from '@baton/core';

/** What can be listened to as a whole. */
export const CHANGE_TOPICS = ['runs', 'approvals', 'tasks', 'workers'] as const;
export type ChangeTopic = (typeof CHANGE_TOPICS)[number];

/** Things by id, with a text that differs once they have changed. */
export type Snapshot = ReadonlyMap<string, string>;

/** A cheap look at a topic: one indexed question. */
export interface ChangeLook {
  /** How often it is looked while somebody listens. */
  readonly everyMs: number;
  /**
   * From so many on, a new one pushes another out of what is looked at, which is not gone for that. Infinity: none does, where all are looked at, or those
   * that have been there longest.
   */
  readonly pushesOutFrom: number;
  take(tenantId: string): Promise<Snapshot>;
}

const NEWEST = 50;
/** Those that have waited longest: new ones come behind them. */
const LONGEST_OPEN = 100;

/** Runs and approvals ring when they change, and are looked at for rings that were lost; tasks ring only when they run. */
export function changeLooks(parts: {
  runs: Pick<RunStore, 'listRuns' | 'listApprovals'>;
  tasks: Pick<TaskStore, 'list'>;
  registry: Pick<WorkerRegistry, 'list'>;
}): Readonly<Record<ChangeTopic, ChangeLook>> {
  return {
    runs: {
      ...{ everyMs: 5_000, pushesOutFrom: NEWEST },
      take: async (tenantId) => {
        const runs = await parts.runs.listRuns({ tenantId, limit: NEWEST });
        return new Map(runs.map(({ id, status, seq }) => [id, `${status} ${seq}`]));
      },
    },
    approvals: {
      ...{ everyMs: 5_000, pushesOutFrom: Infinity },
      take: async (tenantId) => {
        const open = await parts.runs.listApprovals({ status: 'open', tenantId, limit: LONGEST_OPEN });
        return new Map(open.map((approval) => [approvalId(approval), `${approval.role} ${approval.votes.length}`]));
      },
    },
    tasks: {
      ...{ everyMs: 1_000, pushesOutFrom: NEWEST },
      take: async (tenantId) => {
        const tasks = await parts.tasks.list(tenantId, { limit: NEWEST });
        return new Map(tasks.map(({ id, status, liveRunId }) => [id, `${status} ${liveRunId}`]));
      },
    },
    workers: {
      ...{ everyMs: 2_000, pushesOutFrom: Infinity },
      take: async () => {
        const workers = await parts.registry.list();
        return new Map(workers.map(({ id, live, load }) => [id, `${live} ${load.runs} ${load.nodes}`]));
      },
    },
  };
}

/** The ids of what is new or has changed, and of what is gone. */
export function diffSnapshots(before: Snapshot, after: Snapshot, pushesOutFrom: number): string[] {
  const changed = [...after].filter(([id, text]) => before.get(id) !== text).map(([id]) => id);
  const known = [...before.keys()];
  // Where one may have been pushed out, only what stood above something that still stands is gone for certain.
  const until = after.size < pushesOutFrom ? known.length : known.findLastIndex((id) => after.has(id));
  return [...changed, ...known.slice(0, Math.max(until, 0)).filter((id) => !after.has(id))];
}
