import { BatonError, compilePlan, type Plan, type WorkflowStore } from '@baton/core';

/** Compiled plans by definition digest, the least recently used dropped. A digest never changes its plan. */
export class PlanCache {
  private readonly plans = new Map<string, Promise<Plan>>();

  constructor(
    private readonly workflows: WorkflowStore,
    private readonly capacity: number,
  ) {}

  async get(digest: string): Promise<Plan> {
    const cached = this.plans.get(digest);
    const plan = cached ?? this.compile(digest);
    this.plans.delete(digest);
    this.plans.set(digest, plan);
    if (this.plans.size > this.capacity) this.plans.delete(this.plans.keys().next().value!);
    if (cached === undefined) plan.catch(() => this.plans.delete(digest));
    return plan;
  }

  private async compile(digest: string): Promise<Plan> {
    const definition = await this.workflows.findByDigest(digest);
    if (definition === null) throw new BatonError('workflow_not_found', `No definition has the digest ${digest}.`, { digest });
    return compilePlan(definition, digest);
  }
}
