import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Preloaded into every measured process: tells over IPC how late its event loop was since the last time it was asked. */
export interface LoopDelay {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export const PROBE_REQUEST = 'loop_delay';

const RESOLUTION_MS = 5;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();

/** The histogram holds whole intervals between two ticks: what exceeds the resolution is delay. */
function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}

process.on('message', (message) => {
  if (message !== PROBE_REQUEST) return;
  const delay: LoopDelay = {
    p50Ms: delayMs(histogram.percentile(50)),
    p99Ms: delayMs(histogram.percentile(99)),
    maxMs: delayMs(histogram.max),
  };
  histogram.reset();
  process.send?.({ kind: PROBE_REQUEST, delay });
});
// The probe must not keep a process alive that has nothing else to do.
process.channel?.unref();
