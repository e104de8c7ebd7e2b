import { Group, Skeleton, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { AppLink } from '../../../components/app-link.js';
import { lookOf } from '../../../components/status.js';
import { formatAgo } from '../../../components/time.js';
import { useNow } from '../../../components/use-now.js';
import { lastRunsQuery } from '../workflow-queries.js';
import styles from './last-runs.module.css';

const SHOWN = 6;

/** The last runs of a workflow as signs of their states, the newest to the right. */
export function LastRuns({ workflow }: { workflow: string }) {
  const { data } = useQuery(lastRunsQuery(workflow, SHOWN));
  const now = useNow();
  if (data === undefined) return <Skeleton h={16} w={96} />;
  if (data.items.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        never run
      </Text>
    );
  }
  return (
    <Group gap={2} wrap="nowrap">
      {data.items.toReversed().map(({ id, status, created_at: at }) => {
        const { color, icon: Sign, spins } = lookOf(status);
        const label = `${status.replaceAll('_', ' ')}, ${formatAgo(Date.parse(at), now)}`;
        return (
          <Tooltip key={id} label={label}>
            <AppLink href={`/runs/${id}`} aria-label={`Run: ${label}`} className={styles.run} data-tone={color}>
              <Sign size={18} stroke={2} aria-hidden className={spins === true ? styles.spin : undefined} />
            </AppLink>
          </Tooltip>
        );
      })}
    </Group>
  );
}
