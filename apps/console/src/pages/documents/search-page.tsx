import { Button, Grid, Group, MultiSelect, NumberInput, Paper, Stack, Text, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconSearch, IconZoomQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { useAddress } from '../../components/use-address.js';
import { RetrievalSettings } from './retrieval-settings.js';
import { SearchHit } from './search-hit.js';

const MAX_HITS = 100;
/** Of so many documents, the newest, a search can choose some. */
const DOCUMENTS_OFFERED = 200;

/** Tries what a question finds, and by which settings. */
export function SearchPage() {
  const [address, change] = useAddress();
  const query = address.get('q') ?? '';
  const topK = Number(address.get('top_k')) || undefined;
  const documents = address.get('documents')?.split(',') ?? [];
  const body = { query, ...(topK !== undefined && { top_k: topK }), ...(documents.length > 0 && { document_ids: documents }) };
  const { data, error, isLoading, refetch } = useQuery({
    queryKey: ['documents', 'search', body],
    queryFn: ({ signal }) => search(body, signal),
    enabled: query !== '',
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader
        title="Search"
        description="What a question finds: the passages that agents are given, with how near they are."
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="md">
            <SearchForm
              key={query}
              initial={{ query, topK, documents }}
              onSearch={(wanted) =>
                change({
                  q: wanted.query,
                  top_k: wanted.topK === undefined ? null : String(wanted.topK),
                  documents: wanted.documents.join(','),
                })
              }
            />
            {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
            {isLoading && <RowSkeletons rows={4} height={120} />}
            {query === '' && (
              <EmptyState icon={IconZoomQuestion} title="What would an agent find?">
                Ask as an agent would. Each passage shows how near it is to the question: 1 is the same.
              </EmptyState>
            )}
            {query !== '' && data !== undefined && (
              <section aria-label="Passages found" aria-live="polite">
                <Text size="sm" c="dimmed" mb="xs">
                  {data.hits.length} {data.hits.length === 1 ? 'passage' : 'passages'} in {Math.round(data.ms)} ms
                </Text>
                {data.hits.length === 0 && (
                  <EmptyState icon={IconSearch} title="Nothing found">
                    There are no documents yet, or none of those that were chosen.
                  </EmptyState>
                )}
                <Stack gap="sm">
                  {data.hits.map((hit, place) => (
                    <SearchHit key={hit.chunk_id} hit={hit} rank={place + 1} query={query} />
                  ))}
                </Stack>
              </section>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <RetrievalSettings />
        </Grid.Col>
      </Grid>
    </>
  );
}

async function search(body: { query: string; top_k?: number; document_ids?: string[] }, signal: AbortSignal) {
  const begin = performance.now();
  const { items: hits } = await api.POST('/api/search', { body, signal }).then(unwrap);
  return { hits, ms: performance.now() - begin };
}

interface Wanted {
  query: string;
  topK: number | undefined;
  documents: string[];
}

function SearchForm({ initial, onSearch }: { initial: Wanted; onSearch: (wanted: Wanted) => void }) {
  const [wanted, setWanted] = useState(initial);
  const { data } = useQuery({
    queryKey: ['documents', { limit: DOCUMENTS_OFFERED }],
    queryFn: () => api.GET('/api/documents', { params: { query: { limit: DOCUMENTS_OFFERED } } }).then(unwrap),
  });
  const set = (part: Partial<Wanted>): void => setWanted({ ...wanted, ...part });
  return (
    <Paper
      p="md"
      component="form"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch({ ...wanted, query: wanted.query.trim() });
      }}
    >
      <Group gap="sm" align="flex-end">
        <TextInput
          label="Query"
          size="md"
          flex="1 1 260px"
          maxLength={4_000}
          placeholder="How long is a lease kept?"
          leftSection={<IconSearch size={18} />}
          value={wanted.query}
          onChange={(event) => set({ query: event.currentTarget.value })}
        />
        <Button type="submit" size="md" disabled={wanted.query.trim() === ''}>
          Search
        </Button>
      </Group>
      <Group gap="sm" mt="sm" align="flex-end">
        <NumberInput
          label="Passages"
          size="xs"
          w={110}
          min={1}
          max={MAX_HITS}
          placeholder="as set"
          value={wanted.topK ?? ''}
          onChange={(value) => set({ topK: typeof value === 'number' ? value : undefined })}
        />
        <MultiSelect
          label="Only in"
          size="xs"
          flex="1 1 240px"
          searchable
          clearable
          placeholder={wanted.documents.length === 0 ? 'All documents' : ''}
          data={data?.items.map(({ id, title }) => ({ value: id, label: title })) ?? []}
          value={wanted.documents}
          onChange={(documents) => set({ documents })}
        />
      </Group>
    </Paper>
  );
}
