import { Code, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { StatCard } from '../../../components/stat-card.js';
import { RunGraph } from '../../../components/graph/run-graph.js';
import { formatDuration } from '../../../components/time.js';
import { flowOf, nodesOf } from '../document/definition.js';
import { canonicalText } from '../document/source-text.js';
import { KindIcon } from '../../../components/graph/kind-icon.js';
import { schemasQuery, validationQuery, type ValidationReply } from '../workflow-queries.js';
import styles from './graph-view.module.css';

/** The graph of a version, what validation says of it, and the node that is chosen. */
export function GraphView({ definition, text }: { definition: unknown; text: string }) {
  const nodes = useMemo(() => nodesOf(definition), [definition]);
  const flow = useMemo(() => flowOf(nodes), [nodes]);
  const [selected, setSelected] = useState<string | undefined>();
  const { data: reply } = useQuery(validationQuery(text));
  const node = nodes.find(({ id }) => id === selected);
  return (
    <Stack gap="md">
      <Figures reply={reply} />
      <div className={styles.split} data-open={node !== undefined || undefined}>
        <div className={styles.graph}>
          <RunGraph nodes={flow} selected={selected} onSelect={(id) => setSelected(id === selected ? undefined : id)} />
        </div>
        {node !== undefined && (
          <Paper p="md" component="section" aria-label={`Node ${node.id}`} className={styles.node}>
            <Group gap="xs" mb="sm" wrap="nowrap">
              <KindIcon kind={node.type} />
              <Text fw={650} truncate>
                {node.id}
              </Text>
              <Text c="dimmed" size="sm">
                {node.type}
              </Text>
            </Group>
            <NodeText value={node.value} />
            <Expected id={node.id} reply={reply} />
          </Paper>
        )}
      </div>
    </Stack>
  );
}

function Figures({ reply }: { reply: ValidationReply | undefined }) {
  if (reply === undefined) return <Skeleton h={88} />;
  const { graph, warnings } = reply.validation_report;
  const resources = reply.estimated_resources;
  return (
    <div className={styles.figures}>
      <StatCard
        label="Nodes"
        value={graph?.nodes ?? '–'}
        hint={graph === null ? undefined : `${graph.depth} levels, at most ${graph.width} side by side`}
      />
      <StatCard
        label="Expected duration"
        value={resources === null ? '–' : formatDuration(resources.estimated_duration_seconds * 1_000)}
        hint={
          graph === null
            ? undefined
            : `longest way: ${graph.critical_path.slice(0, 4).join(' › ')}${graph.critical_path.length > 4 ? ' …' : ''}`
        }
      />
      <StatCard
        label="Agents"
        value={resources?.agents.total ?? '–'}
        hint={resources === null ? undefined : `${resources.max_parallel_agents} at once`}
      />
      <StatCard
        label="Warnings"
        value={warnings.length}
        hint={warnings[0]?.message.replaceAll('`', '') ?? 'Nothing stands against it.'}
      />
    </div>
  );
}

function NodeText({ value }: { value: object }) {
  const { data } = useQuery(schemasQuery);
  const items = (data?.schemas.workflow['properties'] as { nodes?: { items?: object } } | undefined)?.nodes?.items ?? {};
  const text = canonicalText(value, {
    ...items,
    ...('$defs' in (data?.schemas.workflow ?? {}) && { $defs: data!.schemas.workflow['$defs']! }),
  });
  return (
    <Code block className={styles.code} tabIndex={0}>
      {text}
    </Code>
  );
}

const SOURCES = {
  declared: 'as its author says',
  measured: 'the median of recent runs',
  assumed: 'as is usual for its type',
} as const;

function Expected({ id, reply }: { id: string; reply: ValidationReply | undefined }) {
  const expected = reply?.validation_report.graph?.durations[id];
  if (expected === undefined) return null;
  return (
    <Text size="sm" c="dimmed" mt="sm">
      Takes about {formatDuration(expected.seconds * 1_000)}, {SOURCES[expected.source]}.
    </Text>
  );
}
