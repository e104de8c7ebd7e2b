import { Badge, Button, Group, Menu, Skeleton, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconPlus, IconSearch, IconSitemap } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useMay } from '../../api/use-may.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorState } from '../../components/error-state.js';
import { PageHeader } from '../../components/page-header.js';
import { TimeAgo } from '../../components/time-ago.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { TEMPLATES } from './templates.js';
import { LastRuns } from './view/last-runs.js';
import { patternsQuery, workflowsQuery, type WorkflowSummary } from './workflow-queries.js';

const COLUMNS: readonly Column<WorkflowSummary>[] = [
  {
    key: 'name',
    title: 'Name',
    width: 'minmax(0, 2fr)',
    render: ({ name, archived_at: archivedAt }) => (
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          {name}
        </Text>
        {archivedAt !== null && (
          <Badge size="sm" variant="light" color="gray">
            archived
          </Badge>
        )}
      </Group>
    ),
  },
  {
    key: 'version',
    title: 'Versions',
    width: '88px',
    align: 'right',
    render: ({ version }) => <span className="figures">{version}</span>,
  },
  { key: 'changed', title: 'Changed', width: '120px', render: ({ created_at: at }) => <TimeAgo at={at} /> },
  { key: 'runs', title: 'Last runs', width: 'minmax(120px, 1fr)', render: ({ name }) => <LastRuns workflow={name} /> },
];

/** All workflows, by name. */
export function WorkflowsPage() {
  const [search, setSearch] = useState('');
  const [archived, setArchived] = useState(false);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(workflowsQuery(archived));
  const wanted = search.trim().toLowerCase();
  const all = data?.pages.flatMap(({ items }) => items) ?? [];
  const rows = wanted === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted));
  // What is searched for may stand on a page that has not come yet.
  const isSearchingOn = wanted !== '' && hasNextPage && !isFetchingNextPage;
  useEffect(() => {
    if (isSearchingOn) void fetchNextPage();
  }, [isSearchingOn, fetchNextPage]);

  return (
    <>
      <PageHeader
        title="Workflows"
        description="Named graphs of steps. Each version stays as it was published; a run executes one of them."
        actions={<NewButton />}
      />
      <Group mb="md" gap="md">
        <TextInput
          aria-label="Search workflows"
          placeholder="Search by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          w={{ base: '100%', xs: 280 }}
        />
        <Switch label="Archived" checked={archived} onChange={(event) => setArchived(event.currentTarget.checked)} />
      </Group>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Waiting />}
      {data !== undefined && rows.length === 0 && <Nothing isSearched={wanted !== ''} archived={archived} />}
      {rows.length > 0 && (
        <VirtualTable
          label="Workflows"
          rows={rows}
          columns={COLUMNS}
          rowKey={({ workflow_id: id }) => id}
          rowHref={({ name }) => `/workflows/${name}`}
          rowLabel={({ name }) => `Open ${name}`}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
    </>
  );
}

/** A workflow begins from a template or a pattern, by who may publish one. */
function NewButton() {
  const navigate = useNavigate();
  const mayPublish = useMay('POST /api/v1/workflows');
  const { data: patterns = [] } = useQuery(patternsQuery);
  const begin = (search: Record<string, string>): void => void navigate({ to: '/workflows/new', search: search as never });
  if (!mayPublish) return null;
  return (
    <Menu position="bottom-end" width={320} shadow="md">
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} aria-hidden />} rightSection={<IconChevronDown size={16} aria-hidden />}>
          New workflow
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflow: 'auto' }}>
        <Menu.Label>Begin from a template</Menu.Label>
        {TEMPLATES.map(({ key, title, description }) => (
          <Menu.Item key={key} onClick={() => begin({ from: key })}>
            <Choice title={title} description={description} />
          </Menu.Item>
        ))}
        {patterns.length > 0 && <Menu.Label>Begin from a pattern of agents</Menu.Label>}
        {patterns.map(({ name, description }) => (
          <Menu.Item key={name} onClick={() => begin({ pattern: name })}>
            <Choice title={name} description={description} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({ title, description }: { title: string; description: string }) {
  return (
    <Stack gap={0}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {description}
      </Text>
    </Stack>
  );
}

function Nothing({ isSearched, archived }: { isSearched: boolean; archived: boolean }) {
  if (isSearched) {
    return (
      <EmptyState icon={IconSearch} title="No workflow has that name">
        Search for another part of it{archived ? '' : ', or among the archived ones'}.
      </EmptyState>
    );
  }
  if (archived) {
    return (
      <EmptyState icon={IconSitemap} title="Nothing is archived">
        A workflow that is archived takes no new runs, and is listed here.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconSitemap} title="There is no workflow yet" action={<NewButton />}>
      Build one from a template, or publish a definition with POST /api/v1/workflows.
    </EmptyState>
  );
}

function Waiting() {
  return (
    <Stack gap={4} aria-busy aria-label="Loading">
      {Array.from({ length: 6 }, (_, index) => (
        <Skeleton key={index} h={48} />
      ))}
    </Stack>
  );
}
