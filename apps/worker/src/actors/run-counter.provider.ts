import type { Provider } from '@nestjs/common';
import { Clock, RunTally } from '@baton/core';
import { RunCounter, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** Runs of one commit: a turn of some ten milliseconds on SQLite, where nothing else happens meanwhile. */
const BATCH = 1_000;

/** Adds what has ended to the sums of the analytics. */
export const runCounter: Provider = {
  provide: RunCounter,
  inject: [RunTally, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (tally: RunTally, clock: Clock, observer: EngineObserver, { analyticsIntervalMs: intervalMs }: Config) =>
    new RunCounter({ tally, clock, observer, random: Math.random }, { intervalMs, batch: BATCH }),
};
