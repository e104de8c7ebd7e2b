import { BatonError, type Run, type RunQuery, type RunStatus, type RunStore, type WorkflowStore } from '@baton/core';
import { LIVE_STATUSES } from './find-execution.js';
import type { RunForker } from './fork-run.js';
import type { RunInspector } from './inspect-run.js';
import type { PlanCache } from './plan-cache.js';
import type { PoolRouting } from './pool-routing.js';
import type { RunSignaller } from './signal-run.js';

export type BulkAction = 'pause' | 'resume' | 'cancel' | 'retry';

export interface BulkRequest {
  tenantId: string;
  action: BulkAction;
  /** Nothing said: all runs of the tenant. `pool`: runs that have a node which goes there, done or not. `runIds`: these, and nothing else counts. */
  filter: { status?: RunStatus; workflow?: string; taskId?: string; pool?: string; runIds?: readonly string[] };
  /** Runs at most, newest first within each state. */
  limit: number;
  reason: string;
  by: string;
}

export interface BulkOutcome {
  /** Told, or for a retry: forked. */
  done: { runId: string; newRunId?: string }[];
  refused: { runId: string; code: string; detail: string }[];
  /** There are more runs than the limit, or more than were looked through for a pool. */
  more: boolean;
}

/** To which runs an action applies where its caller names no state. */
const STATUSES: Record<BulkAction, readonly RunStatus[]> = {
  pause: LIVE_STATUSES.filter((status) => status !== 'paused' && status !== 'compensating'),
  resume: ['paused'],
  cancel: LIVE_STATUSES,
  retry: ['failed', 'cancelled'],
};

/** Requests under way at once: they share the group commits. */
const AT_ONCE = 50;

/** Which runs have nodes of a pool only their plans know: so many are looked through, page by page. */
const LOOKED_THROUGH = 20_000;
const PAGE = 500;

/** The runs that fit a filter, the limit at most; `more`: others may fit too. */
interface Selection {
  runs: Run[];
  more: boolean;
}

/** Does the same to many runs. Each is told for itself: nobody waits for what becomes of it. */
export class BulkRuns {
  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'listRuns'>;
      workflows: Pick<WorkflowStore, 'find'>;
      signaller: Pick<RunSignaller, 'tellToPause' | 'tellToResume' | 'tellToCancel'>;
      forker: Pick<RunForker, 'retry'>;
      inspector: Pick<RunInspector, 'inspect'>;
      plans: Pick<PlanCache, 'get'>;
      pools: Pick<PoolRouting, 'poolOf'>;
    },
  ) {}

  /** @throws BatonError `workflow_not_found`. */
  async execute(request: BulkRequest): Promise<BulkOutcome> {
    const { runIds: named } = request.filter;
    const { runIds, more } = named === undefined ? await this.select(request) : { runIds: [...new Set(named)], more: false };
    const outcome: BulkOutcome = { done: [], refused: [], more };
    for (let start = 0; start < runIds.length; start += AT_ONCE) {
      const some = runIds.slice(start, start + AT_ONCE);
      await Promise.all(some.map((runId) => this.act(request, runId, outcome)));
    }
    return outcome;
  }

  private async select({ tenantId, action, filter, limit }: BulkRequest): Promise<{ runIds: string[]; more: boolean }> {
    const { status, taskId, workflow, pool } = filter;
    const workflowId = workflow === undefined ? undefined : await this.findWorkflowId(tenantId, workflow);
    const query = { tenantId, ...(taskId !== undefined && { taskId }), ...(workflowId !== undefined && { workflowId }) };
    const runs: Run[] = [];
    let more = false;
    for (const one of status === undefined ? STATUSES[action] : [status]) {
      const wanted = limit + 1 - runs.length;
      if (wanted === 0) break;
      const found = await this.list({ ...query, status: one }, pool, wanted);
      runs.push(...found.runs);
      more ||= found.more;
    }
    return { runIds: runs.slice(0, limit).map(({ id }) => id), more: more || runs.length > limit };
  }

  private async list(query: Omit<RunQuery, 'limit'>, pool: string | undefined, limit: number): Promise<Selection> {
    const { runs: store } = this.parts;
    if (pool === undefined) return { runs: await store.listRuns({ ...query, limit }), more: false };
    const runs: Run[] = [];
    let before: RunQuery['before'];
    for (let seen = 0; seen < LOOKED_THROUGH; seen += PAGE) {
      const page = await store.listRuns({ ...query, ...(before !== undefined && { before }), limit: PAGE });
      for (const run of page) if (runs.length < limit && (await this.goesTo(run, pool))) runs.push(run);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE || runs.length === limit) return { runs, more: false };
      before = { createdAt: last.createdAt, runId: last.id };
    }
    return { runs, more: true };
  }

  /** By the definition that the run has now, patches included. */
  private async goesTo(run: Run, pool: string): Promise<boolean> {
    const { inspector, plans, pools } = this.parts;
    const plan = run.revision === 0 ? await plans.get(run.workflow.digest) : (await inspector.inspect(run)).state.plan;
    return plan.nodes.some((node) => pools.poolOf(node) === pool);
  }

  private async act(request: BulkRequest, runId: string, { done, refused }: BulkOutcome): Promise<void> {
    try {
      done.push({ runId, ...(await this.tell(request, runId)) });
    } catch (error) {
      if (!(error instanceof BatonError) || error.code === 'storage_unavailable') throw error;
      refused.push({ runId, code: error.code, detail: error.message });
    }
  }

  private async tell({ tenantId, action, reason, by }: BulkRequest, runId: string): Promise<{ newRunId?: string }> {
    const { signaller, forker } = this.parts;
    const wish = { tenantId, runId, reason, by };
    if (action === 'pause') await signaller.tellToPause(wish);
    else if (action === 'resume') await signaller.tellToResume(wish);
    else if (action === 'cancel') await signaller.tellToCancel(wish);
    else return { newRunId: (await forker.retry(tenantId, runId, null, by)).run.id };
    return {};
  }

  private async findWorkflowId(tenantId: string, idOrName: string): Promise<string> {
    const workflow = await this.parts.workflows.find(tenantId, idOrName);
    if (workflow !== null) return workflow.id;
    throw new BatonError('workflow_not_found', `There is no workflow \`${idOrName}\`.`, { workflow: idOrName });
  }
}
