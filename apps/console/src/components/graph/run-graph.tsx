import { ActionIcon, Center, Loader, Text, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconHierarchy3, IconList } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { GraphList } from './graph-list.js';
import type { GraphNode } from './graph-node.js';
import styles from './graph.module.css';
import { useGraphLayout } from './use-graph-layout.js';

/** Fetched while the page still asks for what there is to draw. */
const canvas = import('./graph-canvas.js');
const GraphCanvas = lazy(() => canvas);

export interface RunGraphProps {
  nodes: readonly GraphNode[];
  selected?: string | undefined;
  onSelect: (id: string) => void;
}

/** Nodes and their dependencies, lit by state: to be looked at as a graph, or read as a list. It fills its parent. */
export function RunGraph({ nodes, selected, onSelect }: RunGraphProps) {
  const [isList, setList] = useState(false);
  const direction = (useMediaQuery('(max-width: 48em)') ?? false) ? 'TB' : 'LR';
  const layout = useGraphLayout(nodes, direction);
  const Other = isList ? IconHierarchy3 : IconList;
  const other = isList ? 'Show the graph' : 'Show as a list';
  return (
    <div style={{ position: 'relative', height: '100%' }}>
      <div className={styles.views}>
        <Tooltip label={other}>
          <ActionIcon variant="default" size="md" aria-label={other} onClick={() => setList(!isList)}>
            <Other size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      {isList ? (
        <GraphList nodes={nodes} selected={selected} onSelect={onSelect} />
      ) : (
        <Suspense fallback={<Pending />}>
          {layout === null ? <Pending /> : <GraphCanvas {...{ nodes, layout, direction, selected, onSelect }} />}
        </Suspense>
      )}
    </div>
  );
}

function Pending() {
  return (
    <div className={styles.graph}>
      <Center h="100%" mih={320}>
        <Loader size="sm" aria-hidden mr="xs" />
        <Text size="sm" c="dimmed">
          Drawing the graph…
        </Text>
      </Center>
    </div>
  );
}
