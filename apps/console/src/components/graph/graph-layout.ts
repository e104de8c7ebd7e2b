import { Graph, layout } from '@dagrejs/dagre';
import { CARD, type GraphNode } from './graph-node.js';
import { twinsOf } from './twins.js';

export type GraphDirection = 'LR' | 'TB';
export type GraphShape = Pick<GraphNode, 'id' | 'after'>;

/** A place on the plane: the upper left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Nodes alike, drawn as a block with one edge for all of them. */
interface GraphBlock extends Place {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

export interface GraphLayout {
  readonly places: ReadonlyMap<string, Place>;
  readonly blocks: readonly GraphBlock[];
  /** Between nodes and blocks. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

const GAP = 16;
const BLOCK_PADDING = 16;
const BLOCK_HEADER = 28;
/** How much wider than high a block is about. */
const BLOCK_ASPECT = 1.6;
/** The best ranking takes seconds for a thousand nodes; another is as good to look at and takes a tenth. */
const BEST_RANKER_MAX = 120;

/** Places nodes in layers from their dependencies on. Dependencies that do not exist are left out. */
export function layoutGraph(nodes: readonly GraphShape[], direction: GraphDirection): GraphLayout {
  const twins = twinsOf(nodes);
  const unitOf = (id: string): string => twins.blockOf.get(id) ?? id;
  const graph = new Graph({ directed: true });
  const ranker = nodes.length > BEST_RANKER_MAX ? 'tight-tree' : 'network-simplex';
  graph.setGraph({ rankdir: direction, nodesep: GAP, ranksep: 64, ranker });
  for (const { id } of nodes) if (!twins.blockOf.has(id)) graph.setNode(id, { ...CARD });
  for (const [id, members] of twins.blocks) graph.setNode(id, blockSize(members.length));
  const edges = new Map<string, { from: string; to: string }>();
  for (const { id, after } of nodes) {
    for (const dependency of after) {
      const [from, to] = [unitOf(dependency), unitOf(id)];
      if (graph.hasNode(from) && from !== to) edges.set(`${from} ${to}`, { from, to });
    }
  }
  for (const { from, to } of edges.values()) graph.setEdge(from, to, {});
  layout(graph);
  return { ...placesOf(graph, twins.blocks), edges: [...edges.values()] };
}

function placesOf(graph: Graph, members: ReadonlyMap<string, readonly string[]>): Omit<GraphLayout, 'edges'> {
  const places = new Map<string, Place>();
  const blocks: GraphBlock[] = [];
  for (const id of graph.nodes()) {
    const { x, y, width, height } = graph.node(id) as { x: number; y: number; width: number; height: number };
    const corner = { x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
    const inside = members.get(id);
    if (inside === undefined) {
      places.set(id, corner);
      continue;
    }
    blocks.push({ id, ...corner, width, height, count: inside.length });
    const columns = columnsOf(inside.length);
    inside.forEach((member, index) => places.set(member, placeInside(corner, index, columns)));
  }
  return { places, blocks };
}

function placeInside({ x, y }: Place, index: number, columns: number): Place {
  return {
    x: x + BLOCK_PADDING + (index % columns) * (CARD.width + GAP),
    y: y + BLOCK_HEADER + BLOCK_PADDING + Math.floor(index / columns) * (CARD.height + GAP),
  };
}

function columnsOf(count: number): number {
  return Math.max(1, Math.round(Math.sqrt((count * BLOCK_ASPECT * (CARD.height + GAP)) / (CARD.width + GAP))));
}

function blockSize(count: number): { width: number; height: number } {
  const columns = columnsOf(count);
  const rows = Math.ceil(count / columns);
  return {
    width: columns * (CARD.width + GAP) - GAP + 2 * BLOCK_PADDING,
    height: rows * (CARD.height + GAP) - GAP + 2 * BLOCK_PADDING + BLOCK_HEADER,
  };
}
