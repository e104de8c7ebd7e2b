import { Graph, layout } from '@dagrejs/dagre';
import { CARD, type GraphNode } from './graph-node.js';
import { layeredLayout } from './layered-layout.js';
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
  readonly edges: readonly UnitEdge[];
}

const GAP = 16;
const BLOCK_PADDING = 16;
const BLOCK_HEADER = 28;
/** How much wider than high a block is about. */
const BLOCK_ASPECT = 1.6;
const LAYER_GAP = 64;
/** The best ranking takes seconds for a thousand nodes; another is as good to look at and takes a tenth. */
const BEST_RANKER_MAX = 120;
/** From so many on even that takes seconds. */
const BEST_LAYOUT_MAX = 300;

/** A node, or a block with its members. */
interface Unit {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly members?: readonly string[];
}

interface UnitEdge {
  readonly from: string;
  readonly to: string;
}

/** Places nodes in layers from their dependencies on. Dependencies that do not exist are left out. */
export function layoutGraph(nodes: readonly GraphShape[], direction: GraphDirection): GraphLayout {
  const twins = twinsOf(nodes);
  const unitOf = (id: string): string => twins.blockOf.get(id) ?? id;
  const units = new Map<string, Unit>();
  for (const { id } of nodes) if (!twins.blockOf.has(id)) units.set(id, { id, ...CARD });
  for (const [id, members] of twins.blocks) units.set(id, { id, ...blockSize(members.length), members });
  const edges = new Map<string, UnitEdge>();
  for (const { id, after } of nodes) {
    for (const dependency of after) {
      const [from, to] = [unitOf(dependency), unitOf(id)];
      if (units.has(from) && from !== to) edges.set(`${from} ${to}`, { from, to });
    }
  }
  const [all, lines] = [[...units.values()], [...edges.values()]];
  const middles =
    all.length > BEST_LAYOUT_MAX
      ? layeredLayout(all, lines, direction === 'TB', { layer: LAYER_GAP, node: GAP })
      : bestLayout(all, lines, direction);
  return { ...placesOf(all, middles), edges: lines };
}

function bestLayout(units: readonly Unit[], edges: readonly UnitEdge[], direction: GraphDirection): Map<string, Place> {
  const graph = new Graph({ directed: true });
  const ranker = units.length > BEST_RANKER_MAX ? 'tight-tree' : 'network-simplex';
  graph.setGraph({ rankdir: direction, nodesep: GAP, ranksep: LAYER_GAP, ranker });
  for (const { id, width, height } of units) graph.setNode(id, { width, height });
  for (const { from, to } of edges) graph.setEdge(from, to, {});
  layout(graph);
  return new Map(graph.nodes().map((id) => [id, graph.node(id) as Place]));
}

function placesOf(units: readonly Unit[], middles: ReadonlyMap<string, Place>): Omit<GraphLayout, 'edges'> {
  const places = new Map<string, Place>();
  const blocks: GraphBlock[] = [];
  for (const { id, width, height, members } of units) {
    const { x, y } = middles.get(id)!;
    const corner = { x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
    if (members === undefined) {
      places.set(id, corner);
      continue;
    }
    blocks.push({ id, ...corner, width, height, count: members.length });
    const columns = columnsOf(members.length);
    members.forEach((member, index) => places.set(member, placeInside(corner, index, columns)));
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
