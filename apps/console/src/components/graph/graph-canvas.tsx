import {
  Background,
  ControlButton,
  Controls,
  getViewportForBounds,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  type Edge,
  type NodeMouseHandler,
  type NodeTypes,
  type Rect,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { IconMaximize } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { statusColor } from '../status.js';
import { BlockCard } from './block-card.js';
import { FlowElements, type FlowNode } from './flow-elements.js';
import type { GraphDirection, GraphLayout, Place } from './graph-layout.js';
import { CARD, type GraphNode } from './graph-node.js';
import { GraphPainter } from './graph-painter.js';
import styles from './graph.module.css';
import { neighbourOf } from './neighbour.js';
import { NodeCard } from './node-card.js';
import { PaintedGraph } from './painted-graph.js';
import { PaintedMap } from './painted-map.js';
import { useCardsInView } from './use-cards-in-view.js';

const NODE_TYPES: NodeTypes = { card: NodeCard, block: BlockCard };
/** Below this zoom cards are blocks of colour. */
const FAR = 0.34;
const FIT = { padding: 0.12, maxZoom: 1 } as const;
/** From so many nodes on, edges are painted, and so are the nodes from afar; else the page would hold tens of thousands of elements. */
const MANY = 200;
/** The same zoom where there are many: their cards would still be legible to nobody. */
const FAR_OF_MANY = 0.5;
const MIN_ZOOM = 0.02;
const NO_EDGES: Edge[] = [];

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
  const isLarge = nodes.length > MANY;
  const scheme = useComputedColorScheme('light');
  const flowNodes = useMemo(
    () => elements.nodes(layout, nodes, selected, isVertical),
    [elements, layout, nodes, selected, isVertical],
  );
  const flowEdges = useMemo(() => (isLarge ? NO_EDGES : elements.edges(layout, nodes)), [elements, layout, nodes, isLarge]);
  const painter = useMemo(
    () => (isLarge ? new GraphPainter(layout, nodes, isVertical) : null),
    [layout, nodes, isVertical, isLarge],
  );
  const isFar = useStore(({ transform }) => transform[2] < (isLarge ? FAR_OF_MANY : FAR));
  const cards = useCardsInView(flowNodes, isLarge, isFar);
  const bounds = useMemo(() => boundsOf(layout), [layout]);
  const { touched, fit } = useFit(layout, bounds, isLarge);
  const { screenToFlowPosition } = useReactFlow();
  useFollowed(selected, layout);

  const select: NodeMouseHandler<FlowNode> = (_event, { id, type }) => {
    if (type === 'card') onSelect(id);
  };
  const selectPainted = ({ clientX, clientY }: MouseEvent): void => {
    const at = screenToFlowPosition({ x: clientX, y: clientY });
    const hit = isLarge && isFar ? nodes.find(({ id }) => isOn(layout.places.get(id), at)) : undefined;
    if (hit !== undefined) onSelect(hit.id);
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
        nodes={cards}
        edges={flowEdges}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        onNodeClick={select}
        onPaneClick={selectPainted}
        onMoveStart={(event) => {
          if (event !== null) touched.current = true;
        }}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        fitView={!isLarge}
        fitViewOptions={FIT}
        {...(isLarge && { defaultViewport: { x: 0, y: 0, zoom: MIN_ZOOM } })}
        minZoom={MIN_ZOOM}
        maxZoom={1.75}
        proOptions={{ hideAttribution: true }}
      >
        {!isFar && <Background gap={24} size={1} />}
        {painter !== null && <PaintedGraph {...{ painter, isFar, selected, scheme }} />}
        {painter !== null && <PaintedMap {...{ painter, bounds, scheme }} />}
        {nodes.length > 12 && !isLarge && (
          <MiniMap pannable zoomable nodeColor={colorOf} nodeStrokeWidth={0} ariaLabel="Map of the graph" />
        )}
        <Controls showInteractive={false} showFitView={!isLarge} fitViewOptions={FIT}>
          {isLarge && (
            <ControlButton title="Fit View" aria-label="Fit View" onClick={() => fit(200)}>
              <IconMaximize aria-hidden />
            </ControlButton>
          )}
        </Controls>
      </ReactFlow>
    </div>
  );
}

function colorOf(node: FlowNode): string {
  return node.type === 'card' ? statusColor(node.data.node.status ?? 'planned') : 'transparent';
}

function boundsOf({ places, blocks }: GraphLayout): Rect {
  const boxes = [...[...places.values()].map((place) => ({ ...place, ...CARD })), ...blocks];
  const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function isOn(place: Place | undefined, { x, y }: Place): boolean {
  if (place === undefined) return false;
  return x >= place.x && y >= place.y && x <= place.x + CARD.width && y <= place.y + CARD.height;
}

/** Shows the whole graph, and again when it has another shape, until somebody has moved it. Of a large one no element is asked how big it is. */
function useFit(layout: GraphLayout, bounds: Rect, isLarge: boolean) {
  const { fitView, setViewport, viewportInitialized } = useReactFlow();
  const size = useStore(({ width, height }) => `${width} ${height}`);
  const touched = useRef(false);
  const shown = useRef(isLarge ? null : layout);
  const fit = (duration: number): void => {
    const [width, height] = size.split(' ').map(Number) as [number, number];
    const whole = getViewportForBounds(bounds, width, height, MIN_ZOOM, FIT.maxZoom, FIT.padding);
    void (isLarge ? setViewport(whole, { duration }) : fitView({ ...FIT, duration }));
  };
  const latest = useRef(fit);
  latest.current = fit;
  const isReady = viewportInitialized && size !== '0 0';
  useEffect(() => {
    if (shown.current === layout || !isReady) return undefined;
    const isFirst = shown.current === null;
    shown.current = layout;
    if (touched.current) return undefined;
    if (isFirst) latest.current(0);
    const frame = requestAnimationFrame(() => latest.current(isFirst ? 0 : 200));
    return () => cancelAnimationFrame(frame);
  }, [layout, isReady]);
  return { touched, fit };
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
