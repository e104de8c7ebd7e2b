import { Anchor, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { AppLink } from '../../components/app-link.js';
import { lookOf } from '../../components/status.js';
import { formatDuration } from '../../components/time.js';
import { TimeAgo } from '../../components/time-ago.js';
import { useRunEvents } from '../../live/use-run-events.js';
import { momentsOf, type Moment } from './run-moments.js';
import styles from './timeline.module.css';

/** So many of the last moments are shown until more are asked for. */
const SHOWN = 60;

/** What happened in a run, the last first, while it happens. */
export function RunTimeline({ runId }: { runId: string }) {
  const { events, live, missing } = useRunEvents(runId);
  const [shown, setShown] = useState(SHOWN);
  const moments = momentsOf(events).toReversed();
  if (missing) return <Text c="dimmed">There is no such run: it may have been deleted.</Text>;
  if (events.length === 0) {
    return (
      <Stack gap="xs" aria-busy>
        <Skeleton height={20} />
        <Skeleton height={20} />
        <Skeleton height={20} />
      </Stack>
    );
  }
  const begin = Date.parse(events[0]!.at);
  return (
    <>
      <Group justify="space-between" gap="xs">
        <Anchor component={AppLink} href={`/runs/${runId}`} size="sm">
          Open the run
        </Anchor>
        <Text size="xs" c="dimmed">
          {events.length} {events.length === 1 ? 'event' : 'events'}
          {live ? '' : ' · catching up'}
        </Text>
      </Group>
      <ol className={styles.timeline}>
        {moments.slice(0, shown).map((moment) => (
          <MomentItem key={moment.seq} moment={moment} begin={begin} />
        ))}
      </ol>
      {moments.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown * 2)}>
          Show {Math.min(shown, moments.length - shown)} earlier ones
        </Button>
      )}
    </>
  );
}

function MomentItem({ moment, begin }: { moment: Moment; begin: number }) {
  const { color, icon: Icon, spins } = lookOf(moment.status);
  return (
    <li className={styles.moment} data-status={moment.status}>
      <span className={styles.bullet} style={{ color: `var(--mantine-color-${color}-text)` }}>
        <Icon size={18} stroke={1.8} aria-hidden className={spins ? styles.spin : undefined} />
      </span>
      <div className={styles.what}>
        <Group gap="xs" justify="space-between" wrap="nowrap">
          <Text size="sm" fw={550} truncate>
            {moment.title}
          </Text>
          <Text size="xs" c="dimmed" className="figures" style={{ whiteSpace: 'nowrap' }}>
            {moment.ms !== null && `took ${formatDuration(moment.ms)} · `}
            {moment.seq === 1 ? <TimeAgo at={moment.at} /> : `+${formatDuration(Date.parse(moment.at) - begin)}`}
          </Text>
        </Group>
        {moment.detail !== null && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {moment.detail}
          </Text>
        )}
        {moment.approvalId !== null && (
          <Anchor component={AppLink} size="xs" href={`/approvals?approval=${encodeURIComponent(moment.approvalId)}`}>
            Open the approval
          </Anchor>
        )}
      </div>
    </li>
  );
}
