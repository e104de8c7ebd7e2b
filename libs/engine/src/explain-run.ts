import {
  explainRun,
  isTerminal,
  type Clock,
  type Run,
  type RunQueue,
  type RunStore,
  type Why,
  type WorkerRegistry,
} from '@baton/core';
import type { InspectedRun } from './inspect-run.js';

/** Says why a run does not move: gathers what is known around it. */
export class RunExplainer {
  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'readSignals'>;
      registry: Pick<WorkerRegistry, 'list'>;
      queue: Pick<RunQueue, 'depth'>;
      clock: Clock;
    },
    private readonly options: { leaseLeftMs: number },
  ) {}

  async explain(run: Run, { state, trace }: InspectedRun): Promise<Why> {
    const { runs, registry, queue, clock } = this.parts;
    const explained = { run, state, trace };
    const around = { now: clock.now(), inbox: [], workers: [], queued: null, ...this.options };
    if (isTerminal(run.status)) return explainRun(explained, around);
    const [inbox, workers, queued] = await Promise.all([
      runs.readSignals([run.id]),
      registry.list(),
      queue.depth().then(
        ({ waiting }) => waiting,
        () => null,
      ),
    ]);
    return explainRun(explained, { ...around, inbox, workers, queued });
  }
}
