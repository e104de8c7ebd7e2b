/** A stretch of time that is looked at, in milliseconds since the epoch. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Nobody can read less. */
const SHORTEST_MS = 10;

/** Nearer (factor < 1) or further, with the place `at` (0 to 1) standing still; never beyond `whole`. */
export function zoomed({ from, to }: TimeWindow, factor: number, at: number, whole: TimeWindow): TimeWindow {
  const span = to - from;
  const wanted = Math.max(SHORTEST_MS, Math.min(whole.to - whole.from, span * factor));
  const start = from + (span - wanted) * at;
  return within({ from: start, to: start + wanted }, whole);
}

/** Along by a share of what is seen. */
export function panned({ from, to }: TimeWindow, share: number, whole: TimeWindow): TimeWindow {
  const step = (to - from) * share;
  return within({ from: from + step, to: to + step }, whole);
}

function within({ from, to }: TimeWindow, whole: TimeWindow): TimeWindow {
  const span = to - from;
  if (from < whole.from) return { from: whole.from, to: Math.min(whole.to, whole.from + span) };
  if (to > whole.to) return { from: Math.max(whole.from, whole.to - span), to: whole.to };
  return { from, to };
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
];
const LONG_STEPS = [900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000, 604_800_000];

/** Instants to be marked on an axis, about `count` of them, at round distances from `origin`. */
export function ticksOf({ from, to }: TimeWindow, origin: number, count: number): number[] {
  const steps = [...STEPS, ...LONG_STEPS];
  const step = steps.find((one) => (to - from) / one <= count) ?? steps.at(-1)!;
  const ticks: number[] = [];
  for (let tick = origin + Math.ceil((from - origin) / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
