/** A row of values as a line, without axes; it takes the width that is there. */
export function Sparkline({ values, height = 32, label }: { values: readonly number[]; height?: number; label?: string }) {
  const top = Math.max(1, ...values);
  const step = 100 / Math.max(1, values.length - 1);
  const points = values.map((value, index) => `${(index * step).toFixed(2)},${(30 - (value / top) * 28).toFixed(2)}`);
  return (
    <svg
      viewBox="0 0 100 32"
      preserveAspectRatio="none"
      width="100%"
      height={height}
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <polygon points={`0,32 ${points.join(' ')} 100,32`} fill="var(--baton-accent-soft)" />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--baton-accent-text)"
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
