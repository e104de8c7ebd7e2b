import { Button, Group, Paper, Radio, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState } from '../../../components/error-state.js';
import { TimeAgo } from '../../../components/time-ago.js';
import { DiffView } from '../diff-view.js';
import type { Schema } from '../document/schema-lookup.js';
import { sourceText } from '../document/source-text.js';
import { versionsQuery, workflowQuery } from '../workflow-queries.js';

/** The versions of a workflow, and what any two of them have different. */
export function VersionsView({
  name,
  schema,
  newest,
  onOpen,
}: {
  name: string;
  schema: Schema;
  newest: number;
  onOpen: (version: number) => void;
}) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(versionsQuery(name));
  const [after, setAfter] = useState(newest);
  const [before, setBefore] = useState(Math.max(newest - 1, 1));
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton h={240} />;
  const versions = data.pages.flatMap(({ items }) => items);
  return (
    <Stack gap="lg">
      <Paper>
        <Table.ScrollContainer minWidth={420} type="native">
          <Table verticalSpacing={6} horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Version</Table.Th>
                <Table.Th>Published</Table.Th>
                <Table.Th>Compare</Table.Th>
                <Table.Th>with</Table.Th>
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {versions.map(({ version, created_at: at, digest }) => (
                <Table.Tr key={version}>
                  <Table.Td>
                    <Group gap="xs" wrap="nowrap">
                      <Text size="sm" fw={600} className="figures">
                        {version}
                      </Text>
                      <Text size="xs" c="dimmed" className="mono">
                        {digest.slice(0, 8)}
                      </Text>
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <TimeAgo at={at} />
                  </Table.Td>
                  <Table.Td>
                    <Radio
                      name="before"
                      aria-label={`Compare version ${version}`}
                      checked={before === version}
                      onChange={() => setBefore(version)}
                    />
                  </Table.Td>
                  <Table.Td>
                    <Radio
                      name="after"
                      aria-label={`with version ${version}`}
                      checked={after === version}
                      onChange={() => setAfter(version)}
                    />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button size="compact-xs" variant="default" onClick={() => onOpen(version)}>
                      Open
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {hasNextPage && (
          <Button variant="subtle" m="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older ones
          </Button>
        )}
      </Paper>
      <Difference {...{ name, schema, before, after }} />
    </Stack>
  );
}

function Difference({ name, schema, before, after }: { name: string; schema: Schema; before: number; after: number }) {
  const [one, other] = useQueries({ queries: [workflowQuery(name, before), workflowQuery(name, after)] });
  if (before === after) {
    return (
      <Text size="sm" c="dimmed">
        {before === 1
          ? 'There is one version: the next one will be compared with it here.'
          : 'Choose two versions to see what changed between them.'}
      </Text>
    );
  }
  if (one.error !== null || other.error !== null) return <ErrorState error={one.error ?? other.error} />;
  if (one.data === undefined || other.data === undefined) return <Skeleton h={160} />;
  const label = `What changed from version ${before} to version ${after}`;
  return (
    <Stack gap="xs">
      <Text fw={650}>{label}</Text>
      <DiffView before={sourceText(one.data, schema)} after={sourceText(other.data, schema)} label={label} />
    </Stack>
  );
}
