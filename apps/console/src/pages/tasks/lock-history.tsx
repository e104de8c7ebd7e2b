import { Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconLock, IconShieldX } from '@tabler/icons-react';
import { api, unwrap } from '../../api/client.js';
import type { TasksLocksResponse } from '../../api/schema.js';
import { ErrorState } from '../../components/error-state.js';
import { TimeAgo } from '../../components/time-ago.js';
import styles from './timeline.module.css';

type LockEntry = TasksLocksResponse['items'][number];

const METHODS: Readonly<Record<LockEntry['method'], string>> = {
  redis: 'by the lock in Redis',
  memory: 'by the lock in this process',
  sql: 'by the database',
  upfront: 'by a look before',
};

/** Who held the lock of a task, and who was refused, newest first. */
export function LockHistory({ taskId }: { taskId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['task', taskId, 'locks'],
    queryFn: () => api.GET('/api/v1/tasks/{id}/locks', { params: { path: { id: taskId } } }).then(unwrap),
  });
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  const entries = data?.items ?? [];
  const conflicts = entries.filter(({ event }) => event === 'conflict').length;
  if (data !== undefined && entries.length === 0) {
    return <Text c="dimmed">Nobody has held it yet. Each start and each worker that takes the run leaves a line here.</Text>;
  }
  return (
    <>
      <Text size="sm" c="dimmed">
        Taken {times(entries.length - conflicts)}, refused {times(conflicts)}: never two runs at once.
      </Text>
      <div className={styles.scroller} tabIndex={0} role="group" aria-label="Lock history">
        <ol className={styles.rows}>
          {entries.map((entry, place) => (
            <Entry key={entries.length - place} entry={entry} />
          ))}
        </ol>
      </div>
    </>
  );
}

function Entry({ entry: { event, operation, method, holder, run_id: runId, at } }: { entry: LockEntry }) {
  const isConflict = event === 'conflict';
  const Icon = isConflict ? IconShieldX : IconLock;
  const who = operation === 'submit' ? 'a start' : 'a worker';
  return (
    <li data-event={event}>
      <Icon size={16} aria-hidden color={`var(--mantine-color-${isConflict ? 'red' : 'teal'}-text)`} />
      <Tooltip label={holder}>
        <Text size="sm" tabIndex={0}>
          {isConflict ? `Conflict: ${who} was refused` : `Taken by ${who}`}
        </Text>
      </Tooltip>
      <Group gap="xs" ms="auto">
        <Text size="xs" c="dimmed">
          {METHODS[method]}
        </Text>
        <Text size="xs" c="dimmed" className="mono">
          {runId?.slice(-8) ?? '–'}
        </Text>
        <Text size="xs" c="dimmed">
          <TimeAgo at={at} />
        </Text>
      </Group>
    </li>
  );
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
