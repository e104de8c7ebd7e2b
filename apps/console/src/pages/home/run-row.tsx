import { Group, Text } from '@mantine/core';
import type { RunSummary } from '../../api/types.js';
import { AppLink } from '../../components/app-link.js';
import { Duration } from '../../components/duration.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import styles from './rows.module.css';

/** A run in a line. */
export function RunRow({ run }: { run: RunSummary }) {
  const { id, workflow, status, created_at: createdAt, started_at: startedAt, finished_at: finishedAt } = run;
  const from = startedAt ?? createdAt;
  return (
    <div className={styles.row}>
      <div className={styles.what}>
        <AppLink href={`/runs/${encodeURIComponent(id)}`} className={styles.link}>
          {workflow.name}
        </AppLink>
        <Text size="xs" c="dimmed" className="mono" truncate>
          {id}
        </Text>
      </div>
      <Group gap="sm" wrap="nowrap">
        <Text size="xs" c="dimmed" component="span" visibleFrom="xs">
          {finishedAt === null ? <Duration since={from} /> : <TimeAgo at={finishedAt} />}
        </Text>
        <StatusBadge status={status} />
      </Group>
    </div>
  );
}
