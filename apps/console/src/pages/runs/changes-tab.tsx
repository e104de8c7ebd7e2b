import { Badge, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { IconFileDiff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { LineDiff } from '../../components/line-diff.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import styles from './run.module.css';
import type { Revision, Run } from './run-types.js';
import { readDefinition } from './use-run-view.js';
import { changedTexts } from './view/definition-texts.js';

const STATUSES: Record<Revision['status'], string> = { waiting: 'waiting', applied: 'completed', refused: 'failed' };

/** How the run was changed while it ran: who, why, and what, line by line. */
export default function ChangesTab({ run: { id, revision } }: { run: Run }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['run-revisions', id, revision],
    queryFn: () => api.GET('/api/v1/runs/{id}/revisions', { params: { path: { id }, query: { limit: 100 } } }).then(unwrap),
    placeholderData: (before) => before,
  });
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height={160} radius="lg" />;
  if (data.items.length === 0) {
    return (
      <EmptyState icon={IconFileDiff} title="Nobody has changed this run">
        A person or an agent can patch the nodes that have not begun: POST /api/v1/runs/{'{id}'}/patch.
      </EmptyState>
    );
  }
  return (
    <Stack gap="md">
      {data.items.map((one, place) => (
        <Change key={one.revision} change={one} isFirst={place === 0} />
      ))}
    </Stack>
  );
}

function Change({ change, isFirst }: { change: Revision; isFirst: boolean }) {
  const { revision, status, by, reason, at, refusal, diff } = change;
  const [isOpen, setOpen] = useState(isFirst);
  return (
    <Paper p="md" component="article" aria-label={`Revision ${revision}`}>
      <Group gap="sm" mb={4}>
        <Text fw={650}>Revision {revision}</Text>
        <StatusBadge status={STATUSES[status]} label={status} />
        <Counts diff={diff} />
      </Group>
      <Text size="sm">{reason}</Text>
      <Text size="xs" c="dimmed" component="div">
        {by}, <TimeAgo at={at} />
      </Text>
      {refusal !== null && (
        <Text size="sm" c="red" mt={4}>
          {refusal}
        </Text>
      )}
      <details className={styles.change} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>What changes</summary>
        {isOpen && <Diff change={change} />}
      </details>
    </Paper>
  );
}

function Counts({ diff: { nodes, fields } }: { diff: Revision['diff'] }) {
  const counts = [
    { word: 'added', names: nodes.added, color: 'teal' },
    { word: 'changed', names: [...nodes.changed, ...fields], color: 'yellow' },
    { word: 'removed', names: nodes.removed, color: 'red' },
  ];
  return counts
    .filter(({ names }) => names.length > 0)
    .map(({ word, names, color }) => (
      <Badge key={word} variant="default" color={color} title={names.join(', ')} tt="none" fw={500}>
        {names.length} {word}
      </Badge>
    ));
}

function Diff({ change: { run_id: id, revision, diff } }: { change: Revision }) {
  const read = (number: number) => ({
    queryKey: ['run-definition', id, number],
    queryFn: () => readDefinition(id, number),
    staleTime: Infinity,
  });
  const before = useQuery(read(revision - 1));
  const after = useQuery(read(revision));
  const error = before.error ?? after.error;
  if (error !== null) return <ErrorState error={error} />;
  if (before.data === undefined || after.data === undefined) return <Skeleton height={120} mt="xs" />;
  return changedTexts(before.data.definition, after.data.definition, diff).map(({ name, from, to }) => (
    <LineDiff key={name} title={name} before={from} after={to} />
  ));
}
