import { Alert, Anchor, Button, Group, NumberInput, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import type { RagFindResponse } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { AppLink } from '../../components/app-link.js';
import { ErrorState } from '../../components/error-state.js';
import { StatusBadge } from '../../components/status-badge.js';

const POLL_MS = 2_000;

/** How documents are cut, embedded and searched, and the way to change it, for who may. */
export function RetrievalSettings() {
  const { data, error, refetch } = useQuery({
    queryKey: ['documents', 'retrieval'],
    queryFn: () => api.GET('/api/v1/rag/config').then(unwrap),
    refetchInterval: ({ state }) => (state.data?.status === 'reembedding' ? POLL_MS : false),
  });
  return (
    <Paper p="md" component="section" aria-label="Settings">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3">
          Settings
        </Title>
        {data !== undefined && (
          <StatusBadge
            status={data.status === 'reembedding' ? 'running' : data.status === 'failed' ? 'failed' : 'ok'}
            label={data.status}
          />
        )}
      </Group>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null && <Skeleton height={260} /> : <SettingsForm key={data.revision} config={data} />}
    </Paper>
  );
}

const FIELDS = [
  { name: 'top_k', label: 'Passages a search gives', hint: 'Holds at once.', min: 1, max: 100 },
  { name: 'chunk_size', label: 'Characters of a passage', hint: 'At most.', min: 100, max: 20_000 },
  { name: 'chunk_overlap', label: 'Characters that neighbours share', hint: 'At most.', min: 0, max: 10_000 },
  { name: 'dimensions', label: 'Numbers in a vector', hint: 'As the model can make them.', min: 1, max: 8_192 },
] as const;
type Field = (typeof FIELDS)[number]['name'];

function SettingsForm({ config }: { config: RagFindResponse }) {
  const queries = useQueryClient();
  const mayChange = useMay('PUT /api/v1/rag/config');
  const [changed, setChanged] = useState<Partial<Record<Field, number>>>({});
  const save = useMutation({
    mutationFn: () => api.PUT('/api/v1/rag/config', { body: { revision: config.revision, ...changed } }).then(unwrap),
    onSettled: () => queries.invalidateQueries({ queryKey: ['documents'] }),
    onSuccess: () => setChanged({}),
  });
  const wanted = Object.entries(changed).filter(([name, value]) => value !== config[name as Field]);
  const isReembedded = wanted.some(([name]) => name !== 'top_k');
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Model <span className="mono">{config.model}</span>, revision {config.revision}
      </Text>
      {config.reembed_run_id !== null && config.status !== 'active' && (
        <Alert color={config.status === 'failed' ? 'red' : 'blue'} p="sm">
          {config.status === 'failed'
            ? config.error?.message
            : 'All documents are being embedded anew; searches stay as they are until then.'}{' '}
          <Anchor component={AppLink} href={`/runs/${config.reembed_run_id}`} size="sm">
            Open the run
          </Anchor>
        </Alert>
      )}
      {FIELDS.map(({ name, label, hint, min, max }) => (
        <NumberInput
          key={name}
          label={label}
          description={hint}
          size="xs"
          min={min}
          max={max}
          allowDecimal={false}
          readOnly={!mayChange}
          value={changed[name] ?? config[name]}
          onChange={(value) => setChanged({ ...changed, [name]: typeof value === 'number' ? value : config[name] })}
        />
      ))}
      {isReembedded && (
        <Text size="xs" c="dimmed">
          A run embeds all documents anew. Searches switch over when it has ended.
        </Text>
      )}
      {save.error !== null && <ErrorState error={save.error} />}
      {mayChange && (
        <Button size="xs" disabled={wanted.length === 0} loading={save.isPending} onClick={() => save.mutate()}>
          {isReembedded ? 'Change, and embed anew' : 'Change'}
        </Button>
      )}
    </Stack>
  );
}
