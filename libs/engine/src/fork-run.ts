import {
  BatonError,
  definitionError,
  failedNodes,
  isTerminal,
  snapshotForFork,
  type BudgetLimits,
  type Clock,
  type JsonValue,
  type Plan,
  type Run,
  type RunStore,
  type WorkflowRef,
  type WorkflowStore,
} from '@baton/core';
import type { RunInspector } from './inspect-run.js';
import type { PlanCache } from './plan-cache.js';
import type { WorkflowPublisher } from './publish-workflow.js';
import type { SubmittedDefinition } from './read-definition.js';
import type { Idempotency, RunStarter } from './start-run.js';

export interface ForkRequest {
  tenantId: string;
  runId: string;
  /** The node that runs anew, with everything that depends on it. */
  fromNode: string;
  /** The input of the new run; that of the old one when absent. */
  input?: JsonValue;
  /** A definition for the new run alone. */
  definition?: SubmittedDefinition;
  /** Who starts the new run. */
  by?: string;
  idempotency: Idempotency | null;
}

/** A new run that takes over what another has done. */
export interface Fork {
  run: Run;
  /** An earlier request with the same Idempotency-Key started it. */
  replayed: boolean;
  /** How many nodes are taken over, and how many there are. */
  kept: number;
  total: number;
}

/** Starts runs that go on from within other runs. The run that is forked is not touched. */
export class RunForker {
  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'findRun'>;
      inspector: RunInspector;
      plans: PlanCache;
      workflows: Pick<WorkflowStore, 'keepDefinition'>;
      publisher: Pick<WorkflowPublisher, 'validate'>;
      clock: Clock;
      starter: Pick<RunStarter, 'startFork' | 'keepInput' | 'checkInput'>;
    },
    private readonly options: { maxSnapshotBytes: number },
  ) {}

  /**
   * Keeps every node that is settled, except the chosen one and its descendants.
   * @throws BatonError `run_not_found`, `invalid_request` for a node that there is not, `already_running` for a run of a task that has a live one,
   * `payload_too_large`, and as a publisher does.
   */
  async fork({ tenantId, runId, fromNode, input, definition, by, idempotency }: ForkRequest): Promise<Fork> {
    const run = await this.require(tenantId, runId);
    const workflow = definition === undefined ? await this.workflowOf(run) : await this.keep(run, definition);
    const plan = await this.parts.plans.get(workflow.digest);
    if (!plan.indexById.has(fromNode)) throw noNode(fromNode);
    if (input !== undefined) await this.parts.starter.checkInput(workflow, input);
    const kept = input === undefined ? run.input : await this.parts.starter.keepInput(tenantId, input);
    return this.start(run, { workflow, plan, from: [fromNode], input: kept, by, idempotency });
  }

  /**
   * Forks an ended run from what failed in it; from where it stood, if it was cancelled or could not go on.
   * @throws BatonError `run_not_found`, `run_not_ended`, `nothing_to_retry`, `already_running`, `payload_too_large`.
   */
  async retry(tenantId: string, runId: string, idempotency: Idempotency | null, by?: string): Promise<Fork> {
    const run = await this.require(tenantId, runId);
    const { input } = run;
    if (!isTerminal(run.status)) throw new BatonError('run_not_ended', `The run \`${runId}\` has not ended.`, { run_id: runId });
    const { state } = await this.parts.inspector.inspect(run);
    const from = failedNodes(state);
    if (from.length === 0 && run.status === 'completed') {
      throw new BatonError('nothing_to_retry', `Nothing of the run \`${runId}\` has failed.`, { run_id: runId });
    }
    const workflow = { ...run.workflow, digest: state.plan.digest };
    return this.start(run, { workflow, plan: state.plan, from, input, by, idempotency });
  }

  /** With the definition that patches have made of it, as far as the run has taken them up. */
  private async workflowOf(run: Run): Promise<WorkflowRef> {
    const { state } = await this.parts.inspector.inspect(run);
    return { ...run.workflow, digest: state.plan.digest };
  }

  /** The workflow of the run with a definition of its own, kept under its digest. */
  private async keep({ tenantId, workflow }: Run, submitted: SubmittedDefinition): Promise<WorkflowRef> {
    const { publisher, workflows, clock } = this.parts;
    const { definition, errors } = await publisher.validate(tenantId, submitted);
    if (definition === null || errors.length > 0) throw definitionError(definition?.name ?? workflow.name, errors);
    return { ...workflow, digest: await workflows.keepDefinition(tenantId, definition, clock.now()) };
  }

  private async start(
    run: Run,
    fork: Pick<ForkRequest, 'by' | 'idempotency'> & { workflow: WorkflowRef; plan: Plan; from: string[]; input: JsonValue },
  ): Promise<Fork> {
    const { workflow, plan, from, input, by, idempotency } = fork;
    const { state } = await this.parts.inspector.inspect(run);
    const snapshot = snapshotForFork(state, plan, new Set(from));
    this.checkSize(snapshot);
    const forked_from = { run_id: run.id, seq: state.seq, nodes: from };
    const outcome = await this.parts.starter.startFork({
      ...{ tenantId: run.tenantId, taskId: run.taskId, workflow, input, priority: run.priority, idempotency },
      ...(by !== undefined && { by }),
      ...ownBudget(run),
      fork: { forked_from, snapshot },
    });
    if (outcome.kind === 'accepted') {
      return { run: outcome.run, replayed: outcome.replayed, kept: snapshot.length, total: plan.nodes.length };
    }
    const { taskId, liveRunId } = outcome;
    const context = { task_id: taskId, ...(liveRunId !== null && { live_run_id: liveRunId }) };
    throw new BatonError('already_running', `The task \`${taskId}\` has a live run.`, context);
  }

  private checkSize(snapshot: readonly unknown[]): void {
    const bytes = Buffer.byteLength(JSON.stringify(snapshot));
    const { maxSnapshotBytes } = this.options;
    if (bytes <= maxSnapshotBytes) return;
    throw new BatonError('payload_too_large', `What the fork takes over has ${bytes} bytes; ${maxSnapshotBytes} are allowed.`);
  }

  private async require(tenantId: string, runId: string): Promise<Run> {
    const run = await this.parts.runs.findRun(runId);
    if (run !== null && run.tenantId === tenantId) return run;
    throw new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
  }
}

function noNode(id: string): BatonError {
  const problems = [{ pointer: '/from_node', message: `the definition has no node \`${id}\`` }];
  return new BatonError('invalid_request', 'The fork names a node that there is not.', {}, { problems });
}

/** What its start has lowered: a fork stands alone, and shares no budget with the runs above the one that it forks. */
function ownBudget({ budget }: Run): { budget?: BudgetLimits } {
  if (budget === null) return {};
  const { shared: _shared, ...own } = budget;
  return Object.keys(own).length === 0 ? {} : { budget: own };
}
