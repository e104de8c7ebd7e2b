import { BatonError, type Clock, type RunRetention } from '@baton/core';

/** Runs that have ended, as those see them who want one gone. */
export class EndedRuns {
  constructor(private readonly parts: { retention: Pick<RunRetention, 'remove'>; clock: Pick<Clock, 'now'> }) {}

  /**
   * Removes a run and those below it, with all that is theirs; what they have used stays in the sums. How many runs. Safe to repeat: after a crash, what is left
   * of them goes.
   * @throws BatonError `run_not_found`; `run_not_ended` for it, one below it, or its parent; `dead_letter_open`.
   */
  async remove(tenantId: string, runId: string): Promise<number> {
    const outcome = await this.parts.retention.remove({ tenantId, runId, at: this.parts.clock.now() });
    if (outcome.kind === 'removed') return outcome.runs;
    if (outcome.kind === 'missing') throw new BatonError('run_not_found', `There is no run \`${runId}\`.`, { run_id: runId });
    const ids = { run_id: outcome.runId };
    if (outcome.kind === 'live') throw new BatonError('run_not_ended', `The run \`${outcome.runId}\` has not ended.`, ids);
    throw new BatonError('dead_letter_open', `The dead letter of the run \`${outcome.runId}\` is open.`, ids);
  }
}
