import type { Provider } from '@nestjs/common';
import { CheckpointStore, Clock, RunStore } from '@baton/core';
import { CheckpointWriter, RunLoader, type EngineObserver } from '@baton/engine';
import { CONFIG, ENGINE_OBSERVER, type Config } from '@baton/platform';

/** How often it looks whether a run has grown enough: in memory, at no cost. */
const INTERVAL_MS = 1_000;
/** Checkpoints that one pass writes. */
const BATCH = 10;

/** Keeps the states of long runs, so that taking one over does not read its journal from the beginning. */
export const checkpointWriter: Provider = {
  provide: CheckpointWriter,
  inject: [RunStore, CheckpointStore, RunLoader, Clock, ENGINE_OBSERVER, CONFIG],
  useFactory: (
    runs: RunStore,
    checkpoints: CheckpointStore,
    loader: RunLoader,
    clock: Clock,
    observer: EngineObserver,
    { checkpointEveryEvents: everyEvents, checkpointEveryMs: everyMs, checkpointMaxBytes: maxBytes }: Config,
  ) =>
    new CheckpointWriter(
      { runs, checkpoints, loader, clock, observer, random: Math.random },
      { intervalMs: INTERVAL_MS, everyEvents, everyMs, maxBytes, batch: BATCH },
    ),
};
