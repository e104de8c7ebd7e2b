import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { colorOf, type ChartProps } from './chart.js';
import './uplot-chart.css';

const POINTS_SHOWN = 60;
const DAY_S = 86_400;
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });

/** A chart over time, drawn by uPlot. It takes the width that is there, and the colours of the scheme. */
export default function UplotChart({
  kind,
  times,
  series,
  height = 220,
  format = String,
  max: top,
}: ChartProps & { kind: 'line' | 'bar' }) {
  const { ref, width } = useElementSize();
  const plot = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    const element = plot.current;
    if (element === null || width === 0) return undefined;
    const css = getComputedStyle(element);
    const read = (name: string): string => css.getPropertyValue(name).trim();
    const axis = {
      stroke: read('--mantine-color-dimmed'),
      grid: { stroke: read('--baton-line'), width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width,
      height,
      cursor: { y: false, points: { size: 7 } },
      // What is not pointed at is the newest.
      hooks: { setCursor: [(chart) => chart.cursor.idx === null && chart.setLegend({ idx: times.length - 1 })] },
      scales: scalesOf(kind, times, top),
      axes: [
        { ...axis, values: (_, ticks, _axis, _space, step) => ticks.map((tick) => formatSpan(tick, step)) },
        { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => format(tick)) },
      ],
      series: [
        { label: 'Time', value: (_: uPlot, at: number | null) => (at === null ? '–' : formatSpan(at, spanOf(times))) },
        ...series.map(({ label, color }, index) => {
          const stroke = colorOf(color ?? index, read);
          return {
            label,
            stroke,
            width: kind === 'line' ? 2 : 0,
            value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
            points: { show: kind === 'line' && times.length <= POINTS_SHOWN, size: 5 },
            ...(kind === 'bar' && { fill: stroke, paths: uPlot.paths.bars!({ size: [0.7, 48], radius: 0.15 }) }),
          };
        }),
      ],
    };
    const data = [times.map((time) => time / 1_000), ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
    const chart = new uPlot(options, data, element);
    chart.setLegend({ idx: times.length - 1 });
    return () => chart.destroy();
  }, [kind, times, series, height, width, format, top, colorScheme]);
  return (
    <div ref={ref} style={{ minHeight: height }}>
      <div ref={plot} />
    </div>
  );
}

/** All stands on zero; the first and the last bar are as wide as the others. */
function scalesOf(kind: 'line' | 'bar', times: readonly number[], top: number | undefined): uPlot.Scales {
  const half = kind === 'line' ? 0 : spanOf(times) / 2;
  return {
    x: { time: true, range: (_, min, max) => [min - half, max + half] },
    y: { range: (_, _min, max) => (top === undefined ? uPlot.rangeNum(0, max, 0.1, true) : [0, top]) },
  };
}

/** Seconds from one time to the next. */
function spanOf(times: readonly number[]): number {
  return times.length < 2 ? 0 : (times[1]! - times[0]!) / 1_000;
}

/** The day, or the hour where there are several to a day: of UTC, as the figures are. */
function formatSpan(at: number, step: number): string {
  return (step < DAY_S ? hour : day).format(at * 1_000);
}
