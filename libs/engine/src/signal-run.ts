import {
  BatonError,
  faultPoint,
  isTerminal,
  type Clock,
  type JsonObject,
  type RunStore,
  type RunWithResult,
  type SignalType,
} from '@baton/core';
import type { RunWatcher } from './run-watcher.js';

/** Sends messages to runs. A signal is a committed row before its sender is answered; whoever holds the baton turns it into events. */
export class RunSignaller {
  constructor(
    private readonly parts: { runs: RunStore; watcher: RunWatcher; clock: Clock },
    private readonly options: { waitMs: number },
  ) {}

  /**
   * Cancels a run and waits a little for the journal to say so: the run as it ended, or null when it has not yet.
   * @throws BatonError `run_not_found`, `run_ended`.
   */
  async cancel(tenantId: string, runId: string, reason: string, signal: AbortSignal): Promise<RunWithResult | null> {
    await this.send(tenantId, runId, 'cancel', { reason });
    return this.parts.watcher.waitForEnd(runId, this.options.waitMs, signal);
  }

  private async send(tenantId: string, runId: string, type: SignalType, payload: JsonObject): Promise<void> {
    const run = await this.parts.runs.findRun(runId);
    if (run === null || run.tenantId !== tenantId)
      throw new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
    const outcome = isTerminal(run.status)
      ? ({ kind: 'ended' } as const)
      : await this.parts.runs.signal(runId, type, payload, this.parts.clock.now());
    faultPoint('signal.afterCommit');
    if (outcome.kind === 'sent') return;
    throw new BatonError('run_ended', `The run \`${runId}\` has ended.`, { run_id: runId });
  }
}
