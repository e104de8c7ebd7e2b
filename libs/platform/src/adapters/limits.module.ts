import { Module, type DynamicModule } from '@nestjs/common';
import { Clock, PoolQueue, RunPlaces, RunQueue, RunStore, WorkerRegistry, WorkflowStore } from '@baton/core';
import { Backlog, CapacityReporter, LiveRunLimits, RunAdmitter, type EngineObserver } from '@baton/engine';
import type { PlatformOptions } from '../platform-options.js';
import { ENGINE_OBSERVER } from '../tokens.js';

/** How often the lines of limits are looked at for what a lost ring has left behind. */
const ADMIT_EVERY_MS = 1_000;
/** Lines looked at in one pass, and runs admitted at once. */
const ADMIT_BATCH = 100;
/** How long a count of the queued runs is good for. */
const BACKLOG_FRESH_MS = 500;

/** How long the figures of the deployment are kept for `/workflow-capacity`. */
const CAPACITY_FRESH_MS = 1_000;

/** What a start may meet before it is accepted: limits on live runs, and the bound of the backlog. */
@Module({})
export class LimitsModule {
  static forRoot({ config }: PlatformOptions): DynamicModule {
    const defaults = {
      tenantRuns: config.tenantActiveRuns,
      tenantPolicy: config.tenantOnLimit,
      workflowRuns: config.workflowActiveRuns,
      workflowPolicy: config.workflowOnLimit,
    };
    return {
      module: LimitsModule,
      providers: [
        {
          provide: LiveRunLimits,
          useFactory: (workflows: WorkflowStore) => new LiveRunLimits(workflows, defaults),
          inject: [WorkflowStore],
        },
        {
          provide: Backlog,
          useFactory: (runs: RunStore, clock: Clock) =>
            new Backlog({ runs, clock }, { maxQueued: config.maxBacklog, freshForMs: BACKLOG_FRESH_MS }),
          inject: [RunStore, Clock],
        },
        {
          provide: RunAdmitter,
          useFactory: (runs: RunStore, places: RunPlaces, clock: Clock, observer: EngineObserver) =>
            new RunAdmitter(
              { runs, places, clock, observer, random: Math.random },
              { intervalMs: ADMIT_EVERY_MS, batch: ADMIT_BATCH },
            ),
          inject: [RunStore, RunPlaces, Clock, ENGINE_OBSERVER],
        },
        {
          provide: CapacityReporter,
          useFactory: (
            places: RunPlaces,
            backlog: Backlog,
            registry: WorkerRegistry,
            runs: RunStore,
            queue: RunQueue,
            pools: PoolQueue,
            clock: Clock,
          ) =>
            new CapacityReporter(
              { places, backlog, registry, runs, queue, pools, clock },
              { maxActiveRuns: config.maxActiveRuns, freshForMs: CAPACITY_FRESH_MS },
            ),
          inject: [RunPlaces, Backlog, WorkerRegistry, RunStore, RunQueue, PoolQueue, Clock],
        },
      ],
      exports: [LiveRunLimits, Backlog, RunAdmitter, CapacityReporter],
    };
  }
}
