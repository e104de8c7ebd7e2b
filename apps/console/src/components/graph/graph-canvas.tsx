import {
  Background,
  Controls,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  type NodeMouseHandler,
  type NodeTypes,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { statusColor } from '../status.js';
import { BlockCard } from './block-card.js';
import { FlowElements, type FlowNode } from './flow-elements.js';
import type { GraphDirection, GraphLayout } from './graph-layout.js';
import type { GraphNode } from './graph-node.js';
import styles from './graph.module.css';
import { neighbourOf } from './neighbour.js';
import { NodeCard } from './node-card.js';

const NODE_TYPES: NodeTypes = { card: NodeCard, block: BlockCard };
/** Below this zoom cards are blocks of colour. */
const FAR = 0.34;
const FIT = { padding: 0.12, maxZoom: 1 } as const;
/** From so many on, only what is in view is drawn. */
const MANY = 200;

export interface GraphCanvasProps {
  nodes: readonly GraphNode[];
  layout: GraphLayout;
  direction: GraphDirection;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

export default function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ nodes, layout, direction, selected, onSelect }: GraphCanvasProps) {
  const [elements] = useState(() => new FlowElements());
  const isVertical = direction === 'TB';
  const scheme = useComputedColorScheme('light');
  const flowNodes = useMemo(
    () => elements.nodes(layout, nodes, selected, isVertical),
    [elements, layout, nodes, selected, isVertical],
  );
  const flowEdges = useMemo(() => elements.edges(layout, nodes), [elements, layout, nodes]);
  const isFar = useStore(({ transform }) => transform[2] < FAR);
  const touched = useRefit(layout);
  useFollowed(selected, layout);

  const select: NodeMouseHandler<FlowNode> = (_event, { id, type }) => {
    if (type === 'card') onSelect(id);
  };
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const next = neighbourOf(event.key, selected, nodes, layout, direction);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
  };

  return (
    <div
      className={styles.graph}
      data-far={isFar || undefined}
      role="group"
      tabIndex={0}
      aria-label={`Graph of ${nodes.length} nodes. The arrow keys go from node to node; the list says the same in words.`}
      onKeyDown={move}
    >
      <ReactFlow
        nodes={flowNodes}
        edges={flowEdges}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        onNodeClick={select}
        onMoveStart={(event) => {
          if (event !== null) touched.current = true;
        }}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={nodes.length > MANY}
        fitView
        fitViewOptions={FIT}
        minZoom={0.02}
        maxZoom={1.75}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={24} size={1} />
        {nodes.length > 12 && <MiniMap pannable zoomable nodeColor={colorOf} nodeStrokeWidth={0} ariaLabel="Map of the graph" />}
        <Controls showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
    </div>
  );
}

function colorOf(node: FlowNode): string {
  return node.type === 'card' ? statusColor(node.data.node.status ?? 'planned') : 'transparent';
}

/** Shows the whole graph again when it has another shape, until somebody has moved it. */
function useRefit(layout: GraphLayout) {
  const { fitView } = useReactFlow();
  const touched = useRef(false);
  const shown = useRef(layout);
  useEffect(() => {
    if (shown.current === layout) return undefined;
    shown.current = layout;
    if (touched.current) return undefined;
    const frame = requestAnimationFrame(() => void fitView({ ...FIT, duration: 200 }));
    return () => cancelAnimationFrame(frame);
  }, [layout, fitView]);
  return touched;
}

/** Brings the selected node into view where it is out of it. */
function useFollowed(selected: string | undefined, layout: GraphLayout): void {
  const { setCenter, getZoom, getViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    const place = selected === undefined ? undefined : layout.places.get(selected);
    if (place === undefined || width === 0) return;
    const { x, y, zoom } = getViewport();
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    if (left > 0 && top > 0 && left + 60 < width && top + 20 < height) return;
    void setCenter(place.x + 104, place.y + 28, { zoom: Math.max(getZoom(), FAR), duration: 200 });
  }, [selected, layout, width, height, getViewport, getZoom, setCenter]);
}
