import {
  explainRun,
  isTerminal,
  type Clock,
  type PlanNode,
  type PoolJob,
  type PoolQueue,
  type Run,
  type RunPlaces,
  type RunQueue,
  type RunState,
  type RunStore,
  type Why,
  type Worker,
  type WorkerRegistry,
} from '@baton/core';
import type { InspectedRun } from './inspect-run.js';
import type { PoolRouting } from './pool-routing.js';
import { RecentAnswer } from './recent-answer.js';

/** Among so many live children the one is looked for that goes on for another. */
const CHILDREN_SEEN = 100;

export interface RunExplainerOptions {
  leaseLeftMs: number;
  /** How old what is known of workers and queues may be: one question for all runs that are looked at meanwhile. */
  freshForMs: number;
}

/** Says why a run does not move: gathers what is known around it, and of that only what its state leaves open. */
export class RunExplainer {
  private readonly workers: RecentAnswer<Worker[]>;
  private readonly queued: RecentAnswer<number | null>;

  constructor(
    private readonly parts: {
      runs: Pick<RunStore, 'readSignals' | 'findPoolJobs' | 'findRun' | 'listRuns'>;
      registry: Pick<WorkerRegistry, 'list'>;
      queue: Pick<RunQueue, 'depth'>;
      pools: Pick<PoolQueue, 'depth'>;
      places: Pick<RunPlaces, 'placeInLine'>;
      routing: Pick<PoolRouting, 'poolOf'>;
      clock: Clock;
    },
    private readonly options: RunExplainerOptions,
  ) {
    const { registry, queue, clock } = parts;
    const waiting = (): Promise<number | null> =>
      queue.depth().then(
        (depth) => depth.waiting,
        () => null,
      );
    this.workers = new RecentAnswer(() => registry.list(), clock, options.freshForMs);
    this.queued = new RecentAnswer(waiting, clock, options.freshForMs);
  }

  async explain(run: Run, { state, trace }: InspectedRun): Promise<Why> {
    const { runs, places, routing, clock } = this.parts;
    const explained = { run, state, trace };
    const now = clock.now();
    const around = {
      now,
      inbox: [],
      child: null,
      workers: [],
      poolOf: (node: PlanNode) => routing.poolOf(node),
      queued: null,
      poolJobs: [],
      poolQueued: new Map<string, number>(),
      leaseLeftMs: this.options.leaseLeftMs,
    };
    if (isTerminal(run.status)) return explainRun(explained, around);
    const isHeld = run.workerId !== null;
    const isDue = !isHeld && run.wakeAt !== null && run.wakeAt <= now;
    const [inbox, child, workers, queued] = await Promise.all([
      isHeld ? runs.readSignals([run.id]) : [],
      this.firstChild(run, state),
      this.workers.get(),
      isDue ? this.queued.get() : null,
    ]);
    const place = state.waitsForPlace ? await places.placeInLine(run.id) : null;
    const pools = await this.lookAtPools(run.id, state);
    return explainRun(explained, { ...around, inbox, child, workers, queued, place, ...pools });
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

  /** The child that the run has waited for longest; of one that has gone on as another run, that one. */
  private async firstChild(run: Run, { children }: RunState): Promise<Run | null> {
    const [childId] = children.live.keys();
    if (childId === undefined) return null;
    const child = await this.parts.runs.findRun(childId);
    if (child === null || child.continuedAs === null) return child;
    const live = await this.parts.runs.listRuns({ tenantId: run.tenantId, parentId: run.id, live: true, limit: CHILDREN_SEEN });
    return live.find(({ parent }) => parent?.childId === childId) ?? child;
  }
}
