import type { Provider } from '@nestjs/common';
import { Clock, WorkerPresence, WorkerRegistry } from '@baton/core';
import { RunWaker, WorkerRescuer, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, fateOf, INSTANCE_ID, type Config } from '@baton/platform';

/** A connection that was lost is made again within 100 ms, where its process and Redis live. */
const CONFIRM_MS = 150;

/** Finds workers that were killed, so that their runs need not wait for a lease to end. */
export const workerRescuer: Provider = {
  provide: WorkerRescuer,
  inject: [WorkerPresence, WorkerRegistry, RunWaker, Clock, ENGINE_OBSERVER, INSTANCE_ID, CONFIG],
  useFactory: (
    presence: WorkerPresence,
    registry: WorkerRegistry,
    waker: RunWaker,
    clock: Clock,
    observer: EngineObserver,
    workerId: string,
    { presenceIntervalMs: intervalMs }: Config,
  ) =>
    new WorkerRescuer(
      { presence, registry, waker, fateOf, clock, observer, random: Math.random },
      { workerId, intervalMs, confirmMs: CONFIRM_MS },
    ),
};
