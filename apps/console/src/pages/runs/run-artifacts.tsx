import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconFileText, IconReport } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { toProblemError } from '../../api/problem.js';
import { useMay } from '../../api/use-may.js';
import { ErrorState } from '../../components/error-state.js';
import { TimeAgo } from '../../components/time-ago.js';
import { formatBytes } from './bytes.js';
import { DownloadButton } from './download-button.js';
import styles from './run.module.css';
import { hasEnded, type Run } from './run-types.js';
import { Section } from './section.js';

/** The files of a run, and the button that makes a report of its result. */
export function RunArtifacts({ run }: { run: Run }) {
  const { id, seq } = run;
  const queries = useQueryClient();
  const mayReport = useMay('POST /api/v1/runs/{id}/reports');
  const { data, error, refetch } = useQuery({
    queryKey: ['run-artifacts', id, hasEnded(run) ? 'ended' : seq],
    queryFn: () => api.GET('/api/v1/runs/{id}/artifacts', { params: { path: { id }, query: { limit: 200 } } }).then(unwrap),
    placeholderData: (before) => before,
  });
  const report = useMutation({
    mutationFn: () => api.POST('/api/v1/runs/{id}/reports', { params: { path: { id } }, body: {} }).then(unwrap),
    onError: (failure) => {
      notifications.show({ color: 'red', title: 'No report was made', message: toProblemError(failure).detail });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['run-artifacts', id] }),
  });
  return (
    <Section title="Files">
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          The run has left no files behind.
        </Text>
      )}
      <ul className={styles.steps}>
        {data?.items.map((file) => (
          <li key={file.id}>
            <Group gap="sm">
              <IconFileText size={18} aria-hidden />
              <div className={styles.grow}>
                <Text size="sm" fw={500} truncate>
                  {file.name}
                </Text>
                <Text size="xs" c="dimmed" component="div">
                  {formatBytes(file.bytes)}, {file.media_type}
                  {file.node_id !== null && `, from ${file.node_id}`}, <TimeAgo at={file.created_at} />
                </Text>
              </div>
              <DownloadButton path={file.links.content} name={file.name} label="Download" />
            </Group>
          </li>
        ))}
      </ul>
      {mayReport && hasEnded(run) && (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconReport size={14} aria-hidden />}
            onClick={() => report.mutate()}
            loading={report.isPending}
          >
            Make a report
          </Button>
        </Group>
      )}
    </Section>
  );
}
