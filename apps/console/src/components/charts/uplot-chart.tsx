import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { colorOf, type ChartProps } from './chart.js';

const POINTS_SHOWN = 60;

/** A chart over time, drawn by uPlot. It takes the width that is there, and the colours of the scheme. */
export default function UplotChart({
  kind,
  times,
  series,
  height = 220,
  format = String,
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
      legend: { live: true },
      scales: kind === 'bar' ? barScales(times) : { x: { time: true } },
      axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => format(tick)) }],
      series: [
        {},
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
    return () => chart.destroy();
  }, [kind, times, series, height, width, format, colorScheme]);
  return (
    <div ref={ref} style={{ minHeight: height }}>
      <div ref={plot} />
    </div>
  );
}

/** Bars stand on zero, and the first and the last are as wide as the others. */
function barScales(times: readonly number[]): uPlot.Scales {
  const half = times.length < 2 ? 0 : (times[1]! - times[0]!) / 2_000;
  return {
    x: { time: true, range: (_, min, max) => [min - half, max + half] },
    y: { range: (_, _min, max) => uPlot.rangeNum(0, max, 0.1, true) },
  };
}
