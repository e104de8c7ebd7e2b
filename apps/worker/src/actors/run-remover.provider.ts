import type { Provider } from '@nestjs/common';
import { Clock, RunRetention } from '@baton/core';
import { RunRemover, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, retentionOf, type Config } from '@baton/platform';

const OPTIONS = { intervalMs: 60_000, pageSize: 200, pages: 100, runs: 2_000 };

/** Removes runs that ended long ago. */
export const runRemover: Provider = {
  provide: RunRemover,
  inject: [RunRetention, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (retention: RunRetention, clock: Clock, observer: EngineObserver, config: Config) =>
    new RunRemover({ retention, clock, observer, random: Math.random }, { ...OPTIONS, terms: retentionOf(config) }),
};
