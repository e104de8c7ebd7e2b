/** How a figure changes over time: a straight line through its samples, by least squares. */
export interface Slope {
  perHour: number;
  /** The true slope is within `perHour` plus or minus this with 95 % confidence, if what is left beside the line is chance. */
  bound: number;
}

export interface Point {
  /** Seconds. */
  at: number;
  value: number;
}

/** Null for fewer than three points: there is nothing to tell chance by. */
export function slopeOf(points: readonly Point[]): Slope | null {
  const n = points.length;
  if (n < 3) return null;
  const mean = (of: (point: Point) => number): number => points.reduce((sum, point) => sum + of(point), 0) / n;
  const [meanAt, meanValue] = [mean(({ at }) => at), mean(({ value }) => value)];
  const spread = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  if (spread === 0) return null;
  const slope = points.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0) / spread;
  const rest = points.reduce((sum, { at, value }) => sum + (value - meanValue - slope * (at - meanAt)) ** 2, 0);
  return { perHour: slope * 3_600, bound: 1.96 * Math.sqrt(rest / (n - 2) / spread) * 3_600 };
}
