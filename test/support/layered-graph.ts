/** A node of a random graph, before it has a type. */
export interface LayeredNode {
  id: string;
  depends_on: string[];
}

const WIDTH = 50;
const MAX_DEPENDENCIES = 3;

/**
 * A random layered graph: layers of up to fifty nodes, each node after one to three of the layers just before it. The same `random` gives the
 * same graph.
 */
export function layeredGraph(count: number, random: () => number, width = WIDTH): LayeredNode[] {
  const nodes: LayeredNode[] = [];
  let previous: string[] = [];
  let layer: string[] = [];
  let size = 1 + Math.floor(random() * width);
  for (let index = 0; index < count; index += 1) {
    if (layer.length === size) {
      previous = layer;
      layer = [];
      size = 1 + Math.floor(random() * width);
    }
    const id = `n${index + 1}`;
    layer.push(id);
    nodes.push({ id, depends_on: previous.length === 0 ? [] : someOf(previous, random) });
  }
  return nodes;
}

function someOf(ids: readonly string[], random: () => number): string[] {
  const chosen = new Set<string>();
  const count = 1 + Math.floor(random() * MAX_DEPENDENCIES);
  for (let n = 0; n < count; n += 1) chosen.add(ids[Math.floor(random() * ids.length)]!);
  return [...chosen];
}
