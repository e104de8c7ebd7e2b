import { Injectable } from '@nestjs/common';
import { BatonError, RunStore, WorkflowStore, type WorkflowDefinition } from '@baton/core';
import { RunInspector } from '@baton/engine';
import type { Orchestrated } from './wire/orchestration-event.js';

/** What orchestration clients are told of runs beside their events. */
@Injectable()
export class OrchestratedRuns {
  constructor(
    private readonly runs: RunStore,
    private readonly workflows: WorkflowStore,
    private readonly inspector: RunInspector,
  ) {}

  /** A run with its definition as it is now. @throws BatonError `run_not_found`. */
  async describe(runId: string): Promise<Orchestrated> {
    const run = await this.runs.findRun(runId);
    if (run === null) throw new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
    const { state } = await this.inspector.inspect(run);
    return { workflowId: run.workflow.id, definition: await this.definition(state.plan.digest) };
  }

  /** @throws BatonError `workflow_not_found`. */
  async definition(digest: string): Promise<WorkflowDefinition> {
    const definition = await this.workflows.findByDigest(digest);
    if (definition === null) throw new BatonError('workflow_not_found', `No definition has the digest ${digest}.`, { digest });
    return definition;
  }
}
