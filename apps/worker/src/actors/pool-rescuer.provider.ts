import type { Provider } from '@nestjs/common';
import { Clock, PoolQueue, RunStore } from '@baton/core';
import { PoolRescuer, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** Finds nodes that are out in a pool and that nobody works on; as often as a worker shows that it lives. */
export const poolRescuer: Provider = {
  provide: PoolRescuer,
  inject: [RunStore, PoolQueue, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (
    runs: RunStore,
    pools: PoolQueue,
    clock: Clock,
    observer: EngineObserver,
    { leaseRenewMs: intervalMs, wakerBatch: batch, wakerIntervalMs: graceMs }: Config,
  ) => new PoolRescuer({ runs, pools, clock, observer, random: Math.random }, { intervalMs, batch, graceMs }),
};
