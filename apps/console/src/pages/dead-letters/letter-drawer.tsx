import { Anchor, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { deadLetterQuery } from '../../api/queries.js';
import type { DeadLettersFindResponse } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { AppLink } from '../../components/app-link.js';
import { CopyButton } from '../../components/copy-button.js';
import { ErrorState } from '../../components/error-state.js';
import { JsonView } from '../../components/json-view.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { useSettle } from './settle.js';

/** One letter: what failed, how, and with which input. */
export function LetterDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  return (
    <Drawer opened={id !== null} onClose={onClose} position="right" size={560} title="Dead letter">
      {id !== null && <LoadedLetter id={id} />}
    </Drawer>
  );
}

function LoadedLetter({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(deadLetterQuery(id));
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  return data === undefined ? <RowSkeletons /> : <Letter letter={data} />;
}

function Letter({ letter }: { letter: DeadLettersFindResponse }) {
  const { id, workflow, node_id: node, node_type: type, error, attempts, failed_nodes: failed } = letter;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <StatusBadge status={letter.status} />
        <Settle letter={letter} />
      </Group>
      <div>
        <Text fw={600}>
          {workflow.name}{' '}
          <Text span c="dimmed" size="sm">
            version {workflow.version}
          </Text>
        </Text>
        <Group gap={4} wrap="nowrap">
          <Anchor component={AppLink} href={`/runs/${encodeURIComponent(id)}`} size="sm" className="mono">
            {id}
          </Anchor>
          <CopyButton value={id} label="Copy the id of the run" />
        </Group>
        <Text size="sm" c="dimmed">
          {node === null ? 'The run failed' : `Step ${node}${type === null ? '' : ` (${type})`} failed ${attempts} times`}{' '}
          <TimeAgo at={letter.at} />
          {failed > 1 && `, with ${failed - 1} more`}
        </Text>
      </div>
      <section aria-label="Error">
        <Text fw={600} size="sm" mb={4}>
          Error
        </Text>
        <Text size="sm" mb="xs" style={{ overflowWrap: 'anywhere' }}>
          {error.message}
        </Text>
        <JsonView value={error} label="Error" />
      </section>
      <section aria-label="Input">
        <Text fw={600} size="sm" mb={4}>
          Input of the run
        </Text>
        <JsonView value={letter.input} label="Input" />
      </section>
      {letter.resolved_by !== null && (
        <Text size="sm" c="dimmed">
          {letter.status} by {letter.resolved_by} <TimeAgo at={letter.resolved_at} />
        </Text>
      )}
    </Stack>
  );
}

function Settle({ letter }: { letter: DeadLettersFindResponse }) {
  const settle = useSettle(letter.id);
  const mayReplay = useMay('POST /api/v1/dead-letters/{id}/replay');
  const mayDiscard = useMay('POST /api/v1/dead-letters/{id}/discard');
  if (letter.status === 'open') {
    return (
      <Group gap="xs">
        {mayDiscard && (
          <Button
            variant="default"
            leftSection={<IconTrash size={16} />}
            loading={settle.isPending && settle.variables === 'discard'}
            onClick={() => settle.mutate('discard')}
          >
            Discard
          </Button>
        )}
        {mayReplay && (
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            loading={settle.isPending && settle.variables === 'replay'}
            onClick={() => settle.mutate('replay')}
          >
            Replay
          </Button>
        )}
      </Group>
    );
  }
  if (letter.replay_run_id === null) return null;
  return (
    <Button component={AppLink} href={`/runs/${encodeURIComponent(letter.replay_run_id)}`} variant="light">
      Open the new run
    </Button>
  );
}
