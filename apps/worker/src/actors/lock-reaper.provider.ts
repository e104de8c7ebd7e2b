import type { Provider } from '@nestjs/common';
import { Clock, RunLock, RunStore, WorkerRegistry } from '@baton/core';
import { LockReaper, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** Keys that Redis looks at for one page, and pages of one pass. */
const PAGE_SIZE = 500;
const PAGES = 10;

/** Frees locks that dead or hindered workers have left behind. */
export const lockReaper: Provider = {
  provide: LockReaper,
  inject: [RunLock, RunStore, WorkerRegistry, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (
    locks: RunLock,
    runs: RunStore,
    registry: WorkerRegistry,
    clock: Clock,
    observer: EngineObserver,
    { lockReaperIntervalMs: intervalMs }: Config,
  ) =>
    new LockReaper(
      { locks, runs, registry, clock, observer, random: Math.random },
      { intervalMs, pageSize: PAGE_SIZE, pages: PAGES },
    ),
};
