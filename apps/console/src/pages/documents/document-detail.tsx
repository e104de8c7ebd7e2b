import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconRefresh } from '@tabler/icons-react';
import { api, unwrap } from '../../api/client.js';
import { toProblemError } from '../../api/problem.js';
import type { DocumentsFindResponse } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { CopyButton } from '../../components/copy-button.js';
import { ErrorState } from '../../components/error-state.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { formatBytes } from './bytes.js';
import { PassageList } from './passage-list.js';

interface DocumentDetailProps {
  id: string;
  /** The passage that is wanted, by its index. */
  passage: number | null;
  onGone: () => void;
}

/** A document: what it is, its passages, and the way out. */
export function DocumentDetail({ id, passage, onGone }: DocumentDetailProps) {
  const {
    data: document,
    error,
    refetch,
  } = useQuery({
    queryKey: ['documents', 'one', id],
    queryFn: () => api.GET('/api/documents/{id}', { params: { path: { id } } }).then(unwrap),
  });
  if (document === undefined && error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (document === undefined) return <Skeleton height={320} />;
  const { title, source, media_type: mediaType, bytes, chunks, created_at: at, indexed_at: indexedAt } = document;
  return (
    <Stack gap="md">
      <div>
        <Title order={2} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {source !== null && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {source}
          </Text>
        )}
        <Group gap="sm" mt={8}>
          <StatusBadge status={indexedAt === null ? 'running' : 'done'} label={indexedAt === null ? 'being indexed' : 'ready'} />
          <Text size="xs" c="dimmed">
            {mediaType} · {formatBytes(bytes)} · {chunks} passages · added <TimeAgo at={at} />
          </Text>
          <CopyButton value={id} label="Copy the id" />
        </Group>
      </div>
      <DocumentActions document={document} onGone={onGone} />
      <PassageList documentId={id} count={chunks} wanted={passage} />
    </Stack>
  );
}

function DocumentActions({ document, onGone }: { document: DocumentsFindResponse; onGone: () => void }) {
  const mayIngest = useMay('POST /api/v1/ingest');
  const mayDelete = useMay('DELETE /api/documents/{id}');
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['documents'] });
  const index = useMutation({ mutationFn: () => ingestAgain(document), onSettled: refresh, onError: tell });
  const remove = async (): Promise<void> => {
    try {
      await api.DELETE('/api/documents/{id}', { params: { path: { id: document.id } } }).then(unwrap);
      onGone();
    } catch (error) {
      tell(error);
    }
    await refresh();
  };
  return (
    <Group gap="xs">
      {mayIngest && document.indexed_at === null && (
        <Button
          size="xs"
          variant="light"
          leftSection={<IconRefresh size={14} />}
          loading={index.isPending}
          onClick={() => index.mutate()}
        >
          Index again
        </Button>
      )}
      {mayDelete && (
        <ConfirmButton
          size="xs"
          label="Delete"
          confirm="The document goes with its passages: answers will not rest on it any more. Answers that were given stay."
          onConfirm={remove}
        />
      )}
    </Group>
  );
}

/** The same text once more: what of its vectors is missing is made. */
async function ingestAgain({ id, title, source, media_type: mediaType }: DocumentsFindResponse): Promise<void> {
  const params = { path: { id } };
  const text = await api.GET('/api/documents/{id}/content', { params, parseAs: 'text' }).then(unwrap);
  const media_type = mediaType === 'text/markdown' ? 'text/markdown' : 'text/plain';
  const body = { text, title, media_type, ...(source !== null && { source }) } as const;
  await api.POST('/api/v1/ingest', { body }).then(unwrap);
}

function tell(error: unknown): void {
  const { title, detail } = toProblemError(error);
  notifications.show({ color: 'red', title, message: detail });
}
