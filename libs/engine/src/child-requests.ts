import {
  BatonError,
  type ChildrenRequest,
  type EventPayload,
  type JsonObject,
  type Run,
  type Workflow,
  type WorkflowStore,
} from '@baton/core';
import { InputSchemas } from './input-schemas.js';
import { findRunnable } from './runnable-workflow.js';

export interface ChildLimits {
  /** Children of children of a run, at most. */
  maxDepth: number;
  /** Children of one call of a node, at most. */
  maxCount: number;
}

/** What the inputs of the children of one call may have together: one event, within what a database takes in one statement. */
const INPUT_BYTES = 8 * 1_024 * 1_024;

/** Turns what a handler asks for into children that can be journaled: their workflow version is found, the limits are kept. */
export class ChildRequests {
  private readonly schemas: InputSchemas;

  constructor(
    private readonly workflows: WorkflowStore,
    private readonly limits: ChildLimits,
  ) {
    this.schemas = new InputSchemas(workflows);
  }

  /** @throws BatonError `workflow_not_found`, `workflow_archived`, `child_failed` above a limit, `invalid_request` for an input that does not fit the workflow, `budget_exceeded` below the depth that the budget allows: none can be mended by another attempt. */
  async prepare(
    run: Run,
    nodeId: string,
    { workflow, version, inputs, concurrency, wanted, tolerated }: ChildrenRequest,
    budgetedDepth = Infinity,
  ): Promise<NonNullable<EventPayload<'node.suspended'>['children']>> {
    this.check(run, nodeId, inputs, budgetedDepth);
    const { id, name, version: found, digest } = await this.find(run.tenantId, workflow, version, inputs);
    return {
      workflow: { id, name, version: found, digest },
      inputs: [...inputs],
      concurrency: concurrency ?? inputs.length,
      wanted: wanted ?? inputs.length,
      tolerated: tolerated ?? 0,
    };
  }

  private check(run: Run, nodeId: string, inputs: ChildrenRequest['inputs'], budgetedDepth: number): void {
    const { maxDepth, maxCount } = this.limits;
    const depth = (run.parent?.depth ?? 0) + 1;
    const refuse = (message: string, context: JsonObject): never => {
      throw new BatonError('child_failed', message, { node_id: nodeId, ...context }, { retryable: false });
    };
    if (depth > budgetedDepth) {
      const message = `Child runs would stand ${depth} deep; the budget allows ${budgetedDepth}.`;
      throw new BatonError('budget_exceeded', message, { node_id: nodeId, depth }, { retryable: false });
    }
    if (depth > maxDepth) refuse(`Child runs would stand ${depth} deep; CHILD_MAX_DEPTH allows ${maxDepth}.`, { depth });
    if (inputs.length > maxCount) {
      refuse(`${inputs.length} child runs; CHILD_MAX_COUNT allows ${maxCount}.`, { children: inputs.length });
    }
    const bytes = Buffer.byteLength(JSON.stringify(inputs));
    if (bytes > INPUT_BYTES) refuse(`The inputs of the child runs have ${bytes} bytes; ${INPUT_BYTES} are allowed.`, { bytes });
  }

  private async find(
    tenantId: string,
    workflow: string,
    version: number | undefined,
    inputs: ChildrenRequest['inputs'],
  ): Promise<Workflow> {
    try {
      const found = await findRunnable(this.workflows, tenantId, workflow, version);
      for (const input of inputs) await this.schemas.check(found, input);
      return found;
    } catch (error) {
      if (!(error instanceof BatonError) || error.code === 'storage_unavailable') throw error;
      throw new BatonError(error.code, error.message, error.context, { retryable: false, cause: error });
    }
  }
}
