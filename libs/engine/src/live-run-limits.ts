import { tenantScope, workflowScope, type LimitPolicy, type RunLimit, type WorkflowRef, type WorkflowStore } from '@baton/core';

/** Limits that apply where a definition states none. Null: there is none. */
export interface RunLimitDefaults {
  /** Live runs of one tenant. */
  tenantRuns: number | null;
  tenantPolicy: Exclude<LimitPolicy, 'cancel_oldest'>;
  /** Live runs of one workflow. */
  workflowRuns: number | null;
  workflowPolicy: LimitPolicy;
}

export const NO_LIMITS: RunLimitDefaults = {
  ...{ tenantRuns: null, tenantPolicy: 'reject', workflowRuns: null, workflowPolicy: 'reject' },
};

/** Definitions whose limits are kept; the least recently used is dropped. */
const DEFINITIONS_KNOWN = 1_000;

type StatedLimits = { runs: number | null; policy: LimitPolicy | null };

/** Says under which limits a run is submitted. A definition never changes under its digest, so it is read once. */
export class LiveRunLimits {
  private readonly stated = new Map<string, Promise<StatedLimits>>();

  constructor(
    private readonly workflows: Pick<WorkflowStore, 'findByDigest'>,
    private readonly defaults: RunLimitDefaults,
  ) {}

  /** The tenant's limit first: it is met first. */
  async limitsFor(tenantId: string, workflow: WorkflowRef): Promise<RunLimit[]> {
    const { tenantRuns, tenantPolicy, workflowRuns, workflowPolicy } = this.defaults;
    const { runs, policy } = await this.statedBy(workflow.digest);
    const limits: RunLimit[] = [];
    if (tenantRuns !== null) {
      const scope = tenantScope(tenantId);
      limits.push({ scope, tenantId, kind: 'tenant', name: tenantId, capacity: tenantRuns, onLimit: tenantPolicy });
    }
    const capacity = runs ?? workflowRuns;
    if (capacity !== null) {
      const scope = workflowScope(tenantId, workflow.id);
      limits.push({ scope, tenantId, kind: 'workflow', name: workflow.name, capacity, onLimit: policy ?? workflowPolicy });
    }
    return limits;
  }

  private statedBy(digest: string): Promise<StatedLimits> {
    const known = this.stated.get(digest);
    const stated = known ?? this.read(digest);
    this.stated.delete(digest);
    this.stated.set(digest, stated);
    if (this.stated.size > DEFINITIONS_KNOWN) this.stated.delete(this.stated.keys().next().value!);
    if (known === undefined) stated.catch(() => this.stated.delete(digest));
    return stated;
  }

  private async read(digest: string): Promise<StatedLimits> {
    const definition = await this.workflows.findByDigest(digest);
    const { active_runs: runs = null, on_limit: policy = null } = definition?.limits ?? {};
    return { runs, policy };
  }
}
