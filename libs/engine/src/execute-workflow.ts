import {
  BatonError,
  buildGraph,
  capacityProblems,
  definitionError,
  estimateResources,
  expectedSeconds,
  measureGraph,
  namedRetryPolicy,
  RETRY_POLICY_NAMES,
  type BudgetLimits,
  type Capacity,
  type Clock,
  type EstimatedResources,
  type JsonValue,
  type Run,
  type RunPriority,
  type Workflow,
  type WorkflowDefinition,
  type WorkflowRef,
  type WorkflowStore,
} from '@baton/core';
import { findRunnable } from './runnable-workflow.js';
import type { Idempotency, RunStarter } from './start-run.js';

/** What a caller asks of one run beside its input. */
export interface ExecutionOptions {
  /** How long the run may take, parked time not counted. */
  timeoutSeconds?: number;
  /** The name of the retry policy of all its nodes. */
  retryPolicy?: string;
  /** The most that the run may need. */
  constraints?: Partial<Capacity>;
  /** `normal` when absent. */
  priority?: RunPriority;
  /** Lowers what the run may use up. */
  budget?: BudgetLimits;
}

export interface ExecuteWorkflow {
  tenantId: string;
  /** Its id or its name. */
  workflow: string;
  /** The newest when absent. */
  version?: number;
  input: JsonValue;
  options: ExecutionOptions;
  /** Who starts it. */
  by?: string;
  idempotency: Idempotency | null;
}

/** Starts runs of published workflows. */
export class WorkflowExecutor {
  constructor(
    private readonly parts: { workflows: WorkflowStore; starter: Pick<RunStarter, 'startWorkflowRun'>; clock: Clock },
    private readonly options: { capacity: Capacity },
  ) {}

  /**
   * Accepts a run, as `RunStarter` does.
   * @throws BatonError `workflow_not_found`, `workflow_archived`, `invalid_request` (an unknown retry policy), `insufficient_capacity`, and what
   * `RunStarter` throws.
   */
  async execute(request: ExecuteWorkflow): Promise<{ run: Run; workflow: Workflow }> {
    const { tenantId, input, by, idempotency } = request;
    const workflow = await findRunnable(this.parts.workflows, tenantId, request.workflow, request.version);
    const { constraints, priority, budget } = request.options;
    if (constraints !== undefined || workflow.definition.agents !== undefined)
      this.checkCapacity(workflow.definition, constraints);
    const ref = await this.withOptions(workflow, request.options);
    const run = await this.parts.starter.startWorkflowRun({
      ...{ tenantId, workflow: ref, input, idempotency },
      ...(by !== undefined && { by }),
      ...(priority !== undefined && { priority }),
      ...(budget !== undefined && { budget }),
    });
    return { run, workflow };
  }

  /** A run with options of its own has a definition of its own, kept under its digest. */
  private async withOptions(workflow: Workflow, { timeoutSeconds, retryPolicy }: ExecutionOptions): Promise<WorkflowRef> {
    const { id, name, version, digest, definition, tenantId } = workflow;
    if (timeoutSeconds === undefined && retryPolicy === undefined) return { id, name, version, digest };
    const retry = retryPolicy === undefined ? null : namedRetryPolicy(retryPolicy);
    if (retryPolicy !== undefined && retry === null) throw unknownRetryPolicy(retryPolicy);
    const own: WorkflowDefinition = {
      ...definition,
      ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds }),
      ...(retry !== null && { nodes: definition.nodes.map((node) => ({ ...node, retry })) }),
    };
    return { id, name, version, digest: await this.parts.workflows.keepDefinition(tenantId, own, this.parts.clock.now()) };
  }

  private checkCapacity(definition: WorkflowDefinition, constraints: Partial<Capacity> = {}): void {
    const { capacity } = this.options;
    const allowed = {
      agents: Math.min(capacity.agents, constraints.agents ?? Infinity),
      cpu: Math.min(capacity.cpu, constraints.cpu ?? Infinity),
      memory: Math.min(capacity.memory, constraints.memory ?? Infinity),
    };
    const problems = capacityProblems(resourcesOf(definition), allowed);
    if (problems.length > 0) throw definitionError(definition.name, problems);
  }
}

function resourcesOf(definition: WorkflowDefinition): EstimatedResources {
  const { graph } = buildGraph(definition.nodes);
  return estimateResources(
    definition,
    measureGraph(graph, (index) => expectedSeconds(definition.nodes[index]!)),
  );
}

function unknownRetryPolicy(name: string): BatonError {
  const message = `there is no retry policy \`${name}\`; there are ${RETRY_POLICY_NAMES.join(', ')}`;
  const problems = [{ pointer: '/execution_options/retry_policy', message }];
  return new BatonError('invalid_request', 'One thing is wrong with the request.', {}, { problems });
}
