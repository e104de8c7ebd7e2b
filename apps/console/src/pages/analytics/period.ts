const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Period {
  label: string;
  interval: 'hour' | 'day';
  /** How many spans, with the one that is now. */
  spans: number;
}

/** What the page offers. */
export const PERIODS = {
  '24h': { label: '24 h', interval: 'hour', spans: 24 },
  '7d': { label: '7 d', interval: 'day', spans: 7 },
  '30d': { label: '30 d', interval: 'day', spans: 30 },
  '90d': { label: '90 d', interval: 'day', spans: 90 },
  '365d': { label: '1 y', interval: 'day', spans: 365 },
} as const satisfies Record<string, Period>;
export type PeriodName = keyof typeof PERIODS;

/** The question to the API: the spans up to now. */
export function questionOf({ interval, spans }: Period, workflow: string | null, now: number) {
  const from = new Date(now - (spans - 1) * (interval === 'hour' ? HOUR_MS : DAY_MS)).toISOString();
  return { interval, from, ...(workflow !== null && { workflow }) };
}
