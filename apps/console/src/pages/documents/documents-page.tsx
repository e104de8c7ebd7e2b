import { Drawer, Group, Text } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { IconBooks, IconSearch } from '@tabler/icons-react';
import { api, unwrap } from '../../api/client.js';
import type { DocumentsListResponse } from '../../api/schema.js';
import { useMay } from '../../api/use-may.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { PrefixFilter } from '../../components/prefix-filter.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { useAddress } from '../../components/use-address.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { formatBytes } from './bytes.js';
import { DocumentDetail } from './document-detail.js';
import { UploadArea } from './upload-area.js';

type Document = DocumentsListResponse['items'][number];

const PAGE = 100;
/** How often documents are looked at that are not ready yet. */
const POLL_MS = 3_000;

const COLUMNS: readonly Column<Document>[] = [
  {
    key: 'title',
    title: 'Document',
    width: 'minmax(0, 3fr)',
    render: ({ title, source }) => (
      <>
        <Text fw={550} size="sm" truncate>
          {title}
        </Text>
        {source !== null && source !== title && (
          <Text size="xs" c="dimmed" truncate>
            {source}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'state',
    title: 'State',
    width: '140px',
    render: ({ indexed_at: at }) => (
      <StatusBadge status={at === null ? 'running' : 'done'} label={at === null ? 'being indexed' : 'ready'} />
    ),
  },
  {
    key: 'chunks',
    title: 'Passages',
    width: '90px',
    align: 'right',
    render: ({ chunks }) => <span className="figures">{chunks}</span>,
  },
  {
    key: 'bytes',
    title: 'Size',
    width: '90px',
    align: 'right',
    render: ({ bytes }) => <span className="figures">{formatBytes(bytes)}</span>,
  },
  { key: 'created', title: 'Added', width: '110px', align: 'right', render: ({ created_at: at }) => <TimeAgo at={at} /> },
];

/** What answers are made from: the list, and the ways in and out. */
export function DocumentsPage() {
  const [address, change] = useAddress();
  const mayAdd = useMay('POST /api/v1/ingest');
  const prefix = address.get('title') ?? '';
  const opened = address.get('document');
  const filters = prefix === '' ? {} : { title_prefix: prefix };
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['documents', filters],
    queryFn: ({ pageParam: cursor }) => {
      const query = { ...filters, limit: PAGE, ...(cursor !== null && { cursor }) };
      return api.GET('/api/documents', { params: { query } }).then(unwrap);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(({ indexed_at: at }) => at === null)) === true ? POLL_MS : false,
  });
  const documents = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PageHeader title="Documents" description="What answers are made from. Each is cut into passages, which searches find." />
      <UploadArea />
      <Group my="md">
        <PrefixFilter label="Title begins with" initial={prefix} onChange={(title) => change({ title })} />
      </Group>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <RowSkeletons />}
      {data !== undefined && documents.length === 0 && <Nothing isFiltered={prefix !== ''} mayAdd={mayAdd} />}
      {documents.length > 0 && (
        <VirtualTable
          label="Documents"
          rows={documents}
          columns={COLUMNS}
          rowKey={({ id }) => id}
          rowHref={({ id }) => `/documents?document=${id}`}
          rowLabel={({ title }) => title}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
      <Drawer
        opened={opened !== null}
        onClose={() => change({ document: null, passage: null })}
        position="right"
        size="xl"
        title="Document"
      >
        {opened !== null && (
          <DocumentDetail
            id={opened}
            passage={address.has('passage') ? Number(address.get('passage')) : null}
            onGone={() => change({ document: null, passage: null })}
          />
        )}
      </Drawer>
    </>
  );
}

function Nothing({ isFiltered, mayAdd }: { isFiltered: boolean; mayAdd: boolean | undefined }) {
  return isFiltered ? (
    <EmptyState icon={IconSearch} title="No document fits">
      Try another beginning of the title.
    </EmptyState>
  ) : (
    <EmptyState icon={IconBooks} title="No documents yet">
      {mayAdd
        ? 'Drop some files above. Then ask about them, or search in them.'
        : 'Once somebody has added some, they are listed here.'}
    </EmptyState>
  );
}
