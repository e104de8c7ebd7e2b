import { BatonError, type Run, type RunStatus, type RunStore, type WorkflowStore } from '@baton/core';
import { LIVE_STATUSES } from './find-execution.js';
import type { RunForker } from './fork-run.js';
import type { RunSignaller } from './signal-run.js';

export type BulkAction = 'pause' | 'resume' | 'cancel' | 'retry';

export interface BulkRequest {
  tenantId: string;
  action: BulkAction;
  filter: { status?: RunStatus; workflow?: string; taskId?: string };
  /** Runs at most, newest first within each state. */
  limit: number;
  reason: string;
  by: string;
}

export interface BulkOutcome {
  /** Told, or for a retry: forked. */
  done: { runId: string; newRunId?: string }[];
  refused: { runId: string; code: string; detail: string }[];
  /** There are more runs than the limit. */
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

/** Does the same to many runs. Each is told for itself: nobody waits for what becomes of it. */
export class BulkRuns {
  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'listRuns'>;
      workflows: Pick<WorkflowStore, 'find'>;
      signaller: Pick<RunSignaller, 'tellToPause' | 'tellToResume' | 'tellToCancel'>;
      forker: Pick<RunForker, 'retry'>;
    },
  ) {}

  /** @throws BatonError `workflow_not_found`. */
  async execute(request: BulkRequest): Promise<BulkOutcome> {
    const runs = await this.select(request);
    const outcome: BulkOutcome = { done: [], refused: [], more: runs.length > request.limit };
    for (let start = 0; start < Math.min(runs.length, request.limit); start += AT_ONCE) {
      const some = runs.slice(start, Math.min(start + AT_ONCE, request.limit));
      await Promise.all(some.map((run) => this.act(request, run, outcome)));
    }
    return outcome;
  }

  /** One run more than the limit, where there is one. */
  private async select({ tenantId, action, filter, limit }: BulkRequest): Promise<Run[]> {
    const { status, taskId, workflow } = filter;
    const workflowId = workflow === undefined ? undefined : await this.findWorkflowId(tenantId, workflow);
    const query = { tenantId, ...(taskId !== undefined && { taskId }), ...(workflowId !== undefined && { workflowId }) };
    const selected: Run[] = [];
    for (const one of status === undefined ? STATUSES[action] : [status]) {
      const left = limit + 1 - selected.length;
      if (left > 0) selected.push(...(await this.parts.runs.listRuns({ ...query, status: one, limit: left })));
    }
    return selected;
  }

  private async act(request: BulkRequest, { id: runId }: Run, { done, refused }: BulkOutcome): Promise<void> {
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
    else return { newRunId: (await forker.retry(tenantId, runId, null)).run.id };
    return {};
  }

  private async findWorkflowId(tenantId: string, idOrName: string): Promise<string> {
    const workflow = await this.parts.workflows.find(tenantId, idOrName);
    if (workflow !== null) return workflow.id;
    throw new BatonError('workflow_not_found', `There is no workflow \`${idOrName}\`.`, { workflow: idOrName });
  }
}
