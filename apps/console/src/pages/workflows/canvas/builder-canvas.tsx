import { useComputedColorScheme, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  Background,
  Controls,
  MarkerType,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  type Connection,
  type EdgeTypes,
  type NodeTypes,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useMemo, useState, type DragEvent, type KeyboardEvent, type ReactNode } from 'react';
import { CARD } from '../../../components/graph/graph-node.js';
import graphStyles from '../../../components/graph/graph.module.css';
import { neighbourOf } from '../../../components/graph/neighbour.js';
import { useGraphLayout } from '../../../components/graph/use-graph-layout.js';
import type { FlowNode } from '../document/definition.js';
import { BuilderCard, type BuilderNode } from './builder-card.js';
import { BuilderEdge, type BuilderEdgeType } from './builder-edge.js';
import styles from './builder.module.css';
import { DRAGGED } from './dragged.js';
import { useFollowedNode } from './use-followed-node.js';

export interface BuilderCanvasProps {
  flow: readonly FlowNode[];
  /** By `from to`. */
  edgeLabels: ReadonlyMap<string, string>;
  /** The tone of a node type. */
  toneOf: (kind: string) => string;
  /** What is wrong with a node, by id. */
  problems: ReadonlyMap<string, string>;
  output: string | null;
  selected: string | null;
  onSelect: (id: string | null) => void;
  /** Absent: the graph is only looked at. */
  edits?: BuilderEdits | undefined;
  /** What stands where there is no node yet. */
  empty: ReactNode;
}

interface BuilderEdits {
  canConnect: (from: string, to: string) => boolean;
  connect: (from: string, to: string) => void;
  disconnect: (from: string, to: string) => void;
  remove: (id: string) => void;
  /** Something of the palette was let go over a node, or over none. */
  drop: (what: string, over: string | null) => void;
}

const NODE_TYPES: NodeTypes = { builder: BuilderCard };
const EDGE_TYPES: EdgeTypes = { builder: BuilderEdge };
const FIT = { padding: 0.12, maxZoom: 1 } as const;
const MANY = 200;
const ARROW = { type: MarkerType.ArrowClosed, width: 16, height: 16 } as const;

export default function BuilderCanvas(props: BuilderCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ flow, edgeLabels, toneOf, problems, output, selected, onSelect, edits, empty }: BuilderCanvasProps) {
  const { breakpoints } = useMantineTheme();
  const direction = (useMediaQuery(`(max-width: ${breakpoints.sm})`) ?? false) ? 'TB' : 'LR';
  const layout = useGraphLayout(flow, direction);
  const scheme = useComputedColorScheme('light');
  const [edge, setEdge] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const touched = useFollowedNode(selected, layout, FIT);

  const nodes = useMemo(
    () =>
      flow.flatMap(({ id, title, kind }): BuilderNode[] => {
        const position = layout?.places.get(id);
        if (position === undefined) return [];
        const data = {
          title,
          kind,
          tone: toneOf(kind),
          isVertical: direction === 'TB',
          problem: problems.get(id) ?? null,
          isOutput: id === output,
        };
        return [{ id, type: 'builder', position: { ...position }, ...CARD, data, selected: id === selected }];
      }),
    [flow, layout, direction, toneOf, problems, output, selected],
  );
  const edges = useMemo(
    () =>
      flow.flatMap(({ id: target, after }) =>
        after.map((source): BuilderEdgeType => {
          const id = `${source} ${target}`;
          const data = {
            label: edgeLabels.get(id) ?? null,
            onRemove: edits === undefined ? null : () => edits.disconnect(source, target),
          };
          return { id, source, target, type: 'builder', data, selected: id === edge, markerEnd: ARROW };
        }),
      ),
    [flow, edgeLabels, edits, edge],
  );

  const press = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target instanceof HTMLElement && event.target.closest('button') !== null && event.key === 'Enter') return;
    const chosenEdge = edges.find(({ id }) => id === edge);
    if (event.key === 'Escape') onSelect(null);
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      if (chosenEdge !== undefined) edits?.disconnect(chosenEdge.source, chosenEdge.target);
      else if (selected !== null) edits?.remove(selected);
    } else if (layout !== null) {
      const next = neighbourOf(event.key, selected ?? undefined, flow, layout, direction);
      if (next === undefined) return;
      onSelect(next);
    } else return;
    event.preventDefault();
  };
  const drop = (event: DragEvent): void => {
    setOver(false);
    const what = event.dataTransfer.getData(DRAGGED);
    if (what === '' || edits === undefined) return;
    event.preventDefault();
    const over = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-node]') : null;
    edits.drop(what, over?.dataset['node'] ?? null);
  };
  const connects = ({ source, target }: Pick<Connection, 'source' | 'target'>): boolean =>
    edits?.canConnect(source, target) ?? false;

  return (
    <div
      className={`${graphStyles.graph} ${styles.canvas}`}
      role="group"
      tabIndex={0}
      aria-label={`Graph of ${flow.length} nodes. Arrow keys go from node to node${edits === undefined ? '' : ', Delete removes the chosen one'}.`}
      data-drop={isOver || undefined}
      onKeyDown={press}
      onDragOver={(event) => {
        if (edits === undefined || !event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={scheme}
        onNodeClick={(_event, { id }) => {
          setEdge(null);
          onSelect(id);
        }}
        onEdgeClick={(_event, { id }) => setEdge(id === edge ? null : id)}
        onPaneClick={() => {
          setEdge(null);
          onSelect(null);
        }}
        onConnect={({ source, target }) => edits?.connect(source, target)}
        isValidConnection={connects}
        onMoveStart={(event) => {
          if (event !== null) touched.current = true;
        }}
        nodesDraggable={false}
        nodesConnectable={edits !== undefined}
        nodesFocusable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        disableKeyboardA11y
        onlyRenderVisibleElements={flow.length > MANY}
        connectionRadius={40}
        fitView
        fitViewOptions={FIT}
        minZoom={0.02}
        maxZoom={1.75}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={24} size={1} />
        {flow.length > 12 && <MiniMap pannable zoomable nodeStrokeWidth={0} ariaLabel="Map of the graph" />}
        <Controls showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
      {flow.length === 0 && <div className={styles.empty}>{empty}</div>}
    </div>
  );
}
