import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, which moves once a second for the whole page. `granularityMs`: renders again only when so much has passed. */
export function useNow(granularityMs = TICK_MS): number {
  return useSyncExternalStore(listen, () => Math.floor(now / granularityMs) * granularityMs);
}
