import { Inject, Injectable } from '@nestjs/common';
import { BatonError, Clock, RunStore, type RunWithResult } from '@baton/core';
import { RunExplainer, RunInspector } from '@baton/engine';
import { CONFIG, type Config } from '@baton/platform';
import { toRunStatus, toWhyReply, type RunStatusReply, type WhyReply } from './wire/status.js';

/** How runs stand, and why. */
@Injectable()
export class RunStatuses {
  constructor(
    private readonly runs: RunStore,
    private readonly inspector: RunInspector,
    private readonly explainer: RunExplainer,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async statusOf(run: RunWithResult): Promise<RunStatusReply> {
    const inspected = await this.inspector.inspect(run);
    const why = await this.explainer.explain(run, inspected);
    const { runTimeoutMs: timeoutMs, compensationTimeoutMs: compensationMs } = this.config;
    return toRunStatus(run, inspected, why, { now: this.clock.now(), limits: { timeoutMs, compensationMs } });
  }

  async explain(run: RunWithResult): Promise<WhyReply> {
    return toWhyReply(await this.explainer.explain(run, await this.inspector.inspect(run)));
  }

  /** @throws BatonError `run_not_found`. */
  async require(tenantId: string, id: string): Promise<RunWithResult> {
    const run = await this.runs.findRun(id);
    if (run !== null && run.tenantId === tenantId) return run;
    throw new BatonError('run_not_found', `There is no run \`${id}\`.`, { run_id: id });
  }
}
