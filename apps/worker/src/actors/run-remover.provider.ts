import type { Provider } from '@nestjs/common';
import { Clock, RunRetention, type RunArchive } from '@baton/core';
import { RunRemover, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, retentionOf, RUN_ARCHIVE, type Config } from '@baton/platform';

const OPTIONS = { intervalMs: 60_000, pageSize: 200, pages: 100, runs: 200, clearedRuns: 50 };

/** Removes runs that ended long ago. */
export const runRemover: Provider = {
  provide: RunRemover,
  inject: [RunRetention, RUN_ARCHIVE, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (retention: RunRetention, archive: RunArchive | null, clock: Clock, observer: EngineObserver, config: Config) =>
    new RunRemover(
      { retention, archive, clock, observer, random: Math.random },
      { ...OPTIONS, archivedAtOnce: config.runArchiveConcurrency, terms: retentionOf(config) },
    ),
};
