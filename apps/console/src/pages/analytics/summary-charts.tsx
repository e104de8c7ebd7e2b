import { Paper, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { BarChart, LineChart } from '../../components/charts/charts.js';
import { formatDuration } from '../../components/time.js';
import { formatCount, formatMoney, formatRate } from './figures.js';
import type { Summary } from './questions.js';

const CHARTS = ['How runs ended', 'Success rate', 'Duration', 'Model costs'] as const;

/** The figures of each span of the period. */
export function SummaryCharts({ summary }: { summary: Summary | undefined }) {
  if (summary !== undefined) return <Charts points={summary.points} />;
  return (
    <ChartGrid>
      {CHARTS.map((title) => (
        <ChartCard key={title} title={title}>
          <Skeleton height={220} />
        </ChartCard>
      ))}
    </ChartGrid>
  );
}

function Charts({ points }: { points: Summary['points'] }) {
  const times = useMemo(() => points.map(({ at }) => Date.parse(at)), [points]);
  const { ends, rates, durations, costs } = useMemo(() => seriesOf(points), [points]);
  return (
    <ChartGrid>
      <ChartCard title="How runs ended">
        <LineChart
          label="Runs that completed, failed and were cancelled, over time"
          times={times}
          series={ends}
          format={formatCount}
        />
      </ChartCard>
      <ChartCard title="Success rate">
        <LineChart label="Success rate over time" times={times} series={rates} format={formatRate} max={1} />
      </ChartCard>
      <ChartCard title="Duration">
        <LineChart label="Durations of completed runs over time" times={times} series={durations} format={formatDuration} />
      </ChartCard>
      <ChartCard title="Model costs">
        <BarChart label="Costs of models over time" times={times} series={costs} format={formatMoney} />
      </ChartCard>
    </ChartGrid>
  );
}

function seriesOf(points: Summary['points']) {
  const values = <T,>(of: (point: Summary['points'][number]) => T): T[] => points.map(of);
  return {
    ends: [
      { label: 'completed', color: 'teal', values: values(({ runs }) => runs.completed) },
      { label: 'failed', color: 'red', values: values(({ runs }) => runs.failed) },
      { label: 'cancelled', color: 'gray', values: values(({ runs }) => runs.cancelled) },
    ],
    rates: [{ label: 'success rate', color: 'teal', values: values(({ success_rate: rate }) => rate) }],
    durations: [
      { label: 'half within', values: values(({ duration_ms: ms }) => ms?.p50 ?? null) },
      { label: '95 % within', color: 'orange', values: values(({ duration_ms: ms }) => ms?.p95 ?? null) },
    ],
    costs: [{ label: 'cost', color: 'violet', values: values(({ usage }) => usage.cost_micros) }],
  };
}

function ChartGrid({ children }: { children: ReactNode }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" mb="md">
      {children}
    </SimpleGrid>
  );
}

function ChartCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title} miw={0}>
      <Text component="h2" size="sm" fw={650} mb="xs">
        {title}
      </Text>
      {children}
    </Paper>
  );
}
