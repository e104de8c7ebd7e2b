import type { Provider } from '@nestjs/common';
import {
  CheckpointStore,
  Clock,
  Doorbell,
  PoolQueue,
  RunPlaces,
  RunQueue,
  RunStore,
  TaskStore,
  WorkerRegistry,
  WorkflowStore,
} from '@baton/core';
import {
  ChangeFeed,
  changeLooks,
  ExecutionFinder,
  PlanCache,
  RunExplainer,
  RunInspector,
  RunLoader,
  RunTimelines,
  RunWatcher,
  type EngineObserver,
} from '@baton/engine';
import { Closing } from '../closing.js';
import type { PlatformOptions } from '../platform-options.js';
import { ENGINE_OBSERVER } from '../tokens.js';
import { poolRouting } from './pool-routing.js';

/** Plans of the runs that the process advances or looks at. */
const PLANS_LOADED = 500;
/** Folded journals that readers keep. */
const RUNS_CACHED = 200;
/** Events read from a journal at once. */
const JOURNAL_PAGE = 1_000;
/** How old what a status says of workers and queues may be; less where leases are renewed often. */
const SURROUNDINGS_FRESH_MS = 500;
/** How much of an input or output a timeline shows. */
const EXCERPT_BYTES = 2_000;

/** What reads runs: as they stand, as they go on, and why they wait. */
export function runViewProviders({ config }: PlatformOptions): Provider[] {
  return [
    {
      provide: RunWatcher,
      useFactory: (runs: RunStore, tasks: TaskStore, doorbell: Doorbell, clock: Clock, closing: Closing) => {
        const { doorbellHealthyPollMs: pollMs, doorbellPollMs: unhealthyPollMs, sseBufferEvents: pageSize } = config;
        const parts = { runs, tasks, doorbell, clock, random: Math.random };
        const watcher = new RunWatcher(parts, { pollMs, unhealthyPollMs, pageSize });
        closing.add('watcher', () => watcher.close());
        return watcher;
      },
      inject: [RunStore, TaskStore, Doorbell, Clock, Closing],
    },
    {
      provide: ChangeFeed,
      useFactory: (
        runs: RunStore,
        tasks: TaskStore,
        registry: WorkerRegistry,
        doorbell: Doorbell,
        clock: Clock,
        observer: EngineObserver,
        closing: Closing,
      ) => {
        const feed = new ChangeFeed({ runs, looks: changeLooks({ runs, tasks, registry }), doorbell, clock, observer });
        closing.add('change feed', () => feed.close());
        return feed;
      },
      inject: [RunStore, TaskStore, WorkerRegistry, Doorbell, Clock, ENGINE_OBSERVER, Closing],
    },
    {
      provide: RunLoader,
      useFactory: (runs: RunStore, checkpoints: CheckpointStore, workflows: WorkflowStore, observer: EngineObserver) => {
        const plans = new PlanCache(workflows, PLANS_LOADED);
        return new RunLoader({ runs, checkpoints, plans, observer }, { pageSize: JOURNAL_PAGE });
      },
      inject: [RunStore, CheckpointStore, WorkflowStore, ENGINE_OBSERVER],
    },
    {
      provide: RunInspector,
      useFactory: (loader: RunLoader) => new RunInspector(loader, { capacity: RUNS_CACHED }),
      inject: [RunLoader],
    },
    {
      provide: RunExplainer,
      useFactory: (
        runs: RunStore,
        registry: WorkerRegistry,
        queue: RunQueue,
        pools: PoolQueue,
        places: RunPlaces,
        clock: Clock,
      ) =>
        // Two renewals have not come.
        new RunExplainer(
          { runs, registry, queue, pools, places, routing: poolRouting(config), clock },
          {
            leaseLeftMs: config.leaseTtlMs - 2.5 * config.leaseRenewMs,
            freshForMs: Math.min(SURROUNDINGS_FRESH_MS, config.leaseRenewMs / 2),
          },
        ),
      inject: [RunStore, WorkerRegistry, RunQueue, PoolQueue, RunPlaces, Clock],
    },
    {
      provide: RunTimelines,
      useFactory: (runs: RunStore, inspector: RunInspector) =>
        new RunTimelines({ runs, inspector }, { pageSize: JOURNAL_PAGE, excerptBytes: EXCERPT_BYTES }),
      inject: [RunStore, RunInspector],
    },
    {
      provide: ExecutionFinder,
      useFactory: (runs: RunStore, workflows: WorkflowStore) => new ExecutionFinder({ runs, workflows }),
      inject: [RunStore, WorkflowStore],
    },
  ];
}
