import { Anchor, Group, Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ErrorState } from '../../components/error-state.js';
import { Panel } from '../../components/panel.js';
import { statusColor } from '../../components/status.js';
import { formatDuration } from '../../components/time.js';
import { formatCount, formatRate } from '../analytics/figures.js';
import { useSummary, type Summary } from '../analytics/questions.js';
import { LAST_DAY } from './last-day.js';
import styles from './throughput.module.css';

type Hour = Summary['points'][number];

const ENDS = ['completed', 'failed', 'cancelled'] as const;

/** How much got done in each of the last 24 hours, and how it ended. */
export function ThroughputPanel() {
  const { data, error, refetch } = useSummary(LAST_DAY);
  return (
    <Panel
      title="Throughput"
      actions={
        <Anchor component={Link} to="/analytics" size="sm">
          Analytics
        </Anchor>
      }
    >
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={96} />}
      {data !== undefined && <Hours summary={data} />}
    </Panel>
  );
}

function Hours({ summary: { points, runs, success_rate: rate, duration_ms: took } }: { summary: Summary }) {
  const most = Math.max(1, ...points.map((hour) => hour.runs.ended));
  const last = points.at(-1)?.runs.ended ?? 0;
  return (
    <>
      <div className={styles.bars} role="img" aria-label={`Runs that ended in each of the last 24 hours, ${most} at most`}>
        {points.map((hour) => (
          <HourBar key={hour.at} hour={hour} most={most} />
        ))}
      </div>
      <div className={styles.axis} aria-hidden>
        <span>24 h ago</span>
        <span>now</span>
      </div>
      <Group gap="4px 16px" mt={8}>
        <Fact figure={formatCount(last)} after="this hour" />
        <Fact figure={formatCount(runs.ended)} after="in 24 hours" />
        {rate !== null && <Fact figure={formatRate(rate)} after="succeeded" />}
        {took !== null && <Fact before="half within" figure={formatDuration(took.p50)} />}
      </Group>
    </>
  );
}

function HourBar({ hour: { at, runs }, most }: { hour: Hour; most: number }) {
  const ends = ENDS.filter((end) => runs[end] > 0);
  const said = ends.map((end) => `${runs[end]} ${end}`).join(', ');
  const hour = new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return (
    <span className={styles.hour} title={`${hour}: ${said === '' ? 'none' : said}`}>
      {ends.map((end) => (
        <span
          key={end}
          className={styles.part}
          style={{ height: `${(100 * runs[end]) / most}%`, background: statusColor(end) }}
        />
      ))}
    </span>
  );
}

function Fact({ before = '', figure, after = '' }: { before?: string; figure: string; after?: string }) {
  return (
    <Text size="sm" c="dimmed" component="span">
      {before}{' '}
      <Text span fw={650} c="var(--mantine-color-text)" className="figures">
        {figure}
      </Text>{' '}
      {after}
    </Text>
  );
}
