import { BatonError, type Run, type RunStatus, type RunStore, type RunWithResult, type WorkflowStore } from '@baton/core';

/** The states of a run that has not ended. */
export const LIVE_STATUSES = ['queued', 'running', 'waiting', 'paused', 'compensating'] as const satisfies RunStatus[];

/** How many live runs a refusal names. */
const RUNS_NAMED = 20;

/** Finds the run that somebody means who names a run or a workflow. */
export class ExecutionFinder {
  constructor(private readonly parts: { runs: Pick<RunStore, 'findRun' | 'listRuns'>; workflows: Pick<WorkflowStore, 'find'> }) {}

  /**
   * The run of this id, or the newest run of the workflow of this id or name.
   * @throws BatonError `workflow_not_found`, `run_not_found` where the workflow has never run.
   */
  async findNewest(tenantId: string, id: string): Promise<RunWithResult> {
    const run = await this.findRun(tenantId, id);
    if (run !== null) return run;
    const workflowId = await this.findWorkflowId(tenantId, id);
    const [newest] = await this.parts.runs.listRuns({ tenantId, workflowId, limit: 1 });
    const found = newest === undefined ? null : await this.parts.runs.findRun(newest.id);
    if (found === null) throw new BatonError('run_not_found', `The workflow \`${id}\` has never run.`, { workflow: id });
    return found;
  }

  /**
   * The id of the run of this id, or of the only live run of the workflow of this id or name.
   * @throws BatonError `workflow_not_found`, `no_live_run`, `several_live_runs` with the runs.
   */
  async findOnlyLive(tenantId: string, id: string): Promise<string> {
    const run = await this.findRun(tenantId, id);
    if (run !== null) return run.id;
    const workflowId = await this.findWorkflowId(tenantId, id);
    const live = await this.listLive(tenantId, workflowId);
    if (live.length === 1) return live[0]!.id;
    if (live.length === 0) throw new BatonError('no_live_run', `The workflow \`${id}\` has no live run.`, { workflow: id });
    const runs = live.slice(0, RUNS_NAMED).map(({ id: run_id, status }) => ({ run_id, status }));
    throw new BatonError('several_live_runs', `The workflow \`${id}\` has several live runs.`, { workflow: id, runs });
  }

  private async listLive(tenantId: string, workflowId: string): Promise<Run[]> {
    const { runs } = this.parts;
    const lists = await Promise.all(
      LIVE_STATUSES.map((status) => runs.listRuns({ tenantId, workflowId, status, limit: RUNS_NAMED })),
    );
    return lists.flat();
  }

  private async findRun(tenantId: string, id: string): Promise<RunWithResult | null> {
    const run = await this.parts.runs.findRun(id);
    return run !== null && run.tenantId === tenantId ? run : null;
  }

  private async findWorkflowId(tenantId: string, id: string): Promise<string> {
    const workflow = await this.parts.workflows.find(tenantId, id);
    if (workflow === null)
      throw new BatonError('workflow_not_found', `There is no run and no workflow \`${id}\`.`, { workflow: id });
    return workflow.id;
  }
}
