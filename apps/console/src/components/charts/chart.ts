interface ChartSeries {
  label: string;
  /** One for each time; null: a gap. */
  values: readonly (number | null)[];
  /** A colour of the theme (`teal`); by place when absent. */
  color?: string;
}

export interface ChartProps {
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** Instants in milliseconds, rising. */
  times: readonly number[];
  series: readonly ChartSeries[];
  height?: number;
  format?: (value: number) => string;
  /** The top of the scale, whose bottom is 0; as the values are when absent. */
  max?: number;
}

const BY_PLACE = ['baton', 'teal', 'orange', 'violet', 'blue', 'red'];

/** The colour of a series as CSS has it. */
export function colorOf(color: string | number, read: (name: string) => string): string {
  const name = typeof color === 'string' ? color : BY_PLACE[color % BY_PLACE.length]!;
  return read(`--mantine-color-${name}-${name === 'baton' ? 5 : 6}`);
}
