import {
  explainRun,
  isTerminal,
  type Clock,
  type PoolJob,
  type PoolQueue,
  type Run,
  type RunPlaces,
  type RunQueue,
  type RunState,
  type RunStore,
  type Why,
  type WorkerRegistry,
} from '@baton/core';
import type { InspectedRun } from './inspect-run.js';

/** Says why a run does not move: gathers what is known around it. */
export class RunExplainer {
  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'readSignals' | 'findPoolJobs'>;
      registry: Pick<WorkerRegistry, 'list'>;
      queue: Pick<RunQueue, 'depth'>;
      pools: Pick<PoolQueue, 'depth'>;
      places: Pick<RunPlaces, 'placeInLine'>;
      clock: Clock;
    },
    private readonly options: { leaseLeftMs: number },
  ) {}

  async explain(run: Run, { state, trace }: InspectedRun): Promise<Why> {
    const { runs, registry, queue, places, clock } = this.parts;
    const explained = { run, state, trace };
    const around = {
      now: clock.now(),
      inbox: [],
      workers: [],
      queued: null,
      poolJobs: [],
      poolQueued: new Map<string, number>(),
      ...this.options,
    };
    if (isTerminal(run.status)) return explainRun(explained, around);
    const [inbox, workers, queued] = await Promise.all([
      runs.readSignals([run.id]),
      registry.list(),
      queue.depth().then(
        ({ waiting }) => waiting,
        () => null,
      ),
    ]);
    const place = state.waitsForPlace ? await places.placeInLine(run.id) : null;
    return explainRun(explained, { ...around, inbox, workers, queued, place, ...(await this.lookAtPools(run.id, state)) });
  }

  private async lookAtPools(runId: string, state: RunState): Promise<{ poolJobs: PoolJob[]; poolQueued: Map<string, number> }> {
    const out = [...state.dispatched.keys()].map((index) => state.nodes[index]!.dispatch!);
    const poolQueued = new Map<string, number>();
    if (out.length === 0) return { poolJobs: [], poolQueued };
    const look = async (pool: string): Promise<void> => {
      const depth = await this.parts.pools.depth(pool).catch(() => null);
      if (depth !== null) poolQueued.set(pool, depth.waiting);
    };
    const [poolJobs] = await Promise.all([
      this.parts.runs.findPoolJobs(
        runId,
        out.map(({ seq }) => seq),
      ),
      ...[...new Set(out.map(({ pool }) => pool))].map(look),
    ]);
    return { poolJobs, poolQueued };
  }
}
