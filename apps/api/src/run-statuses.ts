import { Inject, Injectable } from '@nestjs/common';
import {
  BatonError,
  BudgetLedger,
  callLimits,
  Clock,
  isTerminal,
  ownLimits,
  runAccount,
  RunStore,
  type Run,
  type RunWithResult,
} from '@baton/core';
import { RunExplainer, RunInspector } from '@baton/engine';
import { CONFIG, runLimitsOf, type Config } from '@baton/platform';
import { toRunStatus, toWhyReply, type RunStatusReply, type WhyReply } from './wire/status.js';

/** Each costs a few reads of the database. */
const EXPLAINED_AT_ONCE = 10;
/** Of a message, in a list. */
const ERROR_CHARS = 300;

/** How runs stand, and why. */
@Injectable()
export class RunStatuses {
  constructor(
    private readonly runs: RunStore,
    private readonly inspector: RunInspector,
    private readonly explainer: RunExplainer,
    private readonly ledger: BudgetLedger,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async statusOf(run: RunWithResult): Promise<RunStatusReply> {
    const inspected = await this.inspector.inspect(run);
    const why = await this.explainer.explain(run, inspected);
    const limits = runLimitsOf(this.config);
    const isBudgeted = callLimits(ownLimits(inspected.state, limits.budget)) !== null;
    const [account] = isBudgeted ? await this.ledger.find(run.tenantId, [runAccount(run.id)]) : [];
    return toRunStatus(run, inspected, why, { now: this.clock.now(), limits, ...(account !== undefined && { account }) });
  }

  async explain(run: Run): Promise<WhyReply> {
    return toWhyReply(await this.explainer.explain(run, await this.inspector.inspect(run)));
  }

  /** By the ids of the runs; of those that have not ended. */
  async explainLive(runs: readonly Run[]): Promise<ReadonlyMap<string, WhyReply>> {
    const live = runs.filter(({ status }) => !isTerminal(status));
    const whys = new Map<string, WhyReply>();
    for (let start = 0; start < live.length; start += EXPLAINED_AT_ONCE) {
      const some = live.slice(start, start + EXPLAINED_AT_ONCE);
      await Promise.all(some.map(async (run) => whys.set(run.id, await this.explain(run))));
    }
    return whys;
  }

  /** By the ids of the runs; of those that have failed, the beginning of what they say of it. */
  async errorsOf(runs: readonly Run[]): Promise<ReadonlyMap<string, { code: string; message: string }>> {
    const failed = runs.filter(({ status }) => status === 'failed').map(({ id }) => id);
    const ended = failed.length === 0 ? [] : await this.runs.findRuns(failed);
    return new Map(
      ended.flatMap(({ id, error }) => {
        if (error === null) return [];
        const message = error.message.split('\n', 1)[0]!.slice(0, ERROR_CHARS);
        return [[id, { code: error.code, message }] as const];
      }),
    );
  }

  /** @throws BatonError `run_not_found`. */
  async require(tenantId: string, id: string): Promise<RunWithResult> {
    const run = await this.runs.findRun(id);
    if (run !== null && run.tenantId === tenantId) return run;
    throw new BatonError('run_not_found', `There is no run \`${id}\`.`, { run_id: id });
  }
}
