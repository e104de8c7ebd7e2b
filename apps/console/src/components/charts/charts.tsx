import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ChartProps } from './chart.js';

const UplotChart = lazy(() => import('./uplot-chart.js'));

/** Values over time as lines. Keep `times`, `series` and `format` the same object while they are the same. */
export function LineChart(props: ChartProps) {
  return <Chart {...props} kind="line" />;
}

/** Values over time as bars. */
export function BarChart(props: ChartProps) {
  return <Chart {...props} kind="bar" />;
}

function Chart(props: ChartProps & { kind: 'line' | 'bar' }) {
  return (
    <div role="img" aria-label={props.label}>
      <Suspense fallback={<Skeleton height={props.height ?? 220} />}>
        <UplotChart {...props} />
      </Suspense>
    </div>
  );
}
