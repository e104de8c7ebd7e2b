/** A node or a block to be placed. */
interface Unit {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** One on its way to its place; `along` the direction of the graph and `across` it, both of its middle. */
interface Item {
  readonly id: string;
  readonly length: number;
  readonly breadth: number;
  readonly before: Item[];
  readonly after: Item[];
  rank: number;
  along: number;
  across: number;
}

interface Gaps {
  /** Between layers. */
  readonly layer: number;
  /** Between those of a layer. */
  readonly node: number;
}

/** So many times everything moves towards what it is linked with; more changes little. */
const SWEEPS = 8;

/**
 * Places thousands of units in the time that the better layout takes for hundreds: each behind the last that it depends on, in the order and at the
 * height of what it is linked with. Edges over several layers get no way of their own. Answers the middles.
 */
export function layeredLayout(
  units: readonly Unit[],
  edges: Iterable<{ from: string; to: string }>,
  isVertical: boolean,
  gaps: Gaps,
): Map<string, { x: number; y: number }> {
  const items = new Map<string, Item>();
  for (const { id, width, height } of units) {
    const [length, breadth] = isVertical ? [height, width] : [width, height];
    items.set(id, { id, length, breadth, before: [], after: [], rank: 0, along: 0, across: 0 });
  }
  for (const { from, to } of edges) {
    const [source, target] = [items.get(from)!, items.get(to)!];
    source.after.push(target);
    target.before.push(source);
  }
  const layers = layersOf([...items.values()]);
  placeAlong(layers, gaps.layer);
  for (const layer of layers) spread(layer, gaps.node);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isBack = sweep % 2 === 1;
    for (const layer of isBack ? layers.toReversed() : layers) {
      for (const item of layer) item.across = middleOf(isBack ? item.after : item.before) ?? item.across;
      layer.sort((a, b) => a.across - b.across);
      spread(layer, gaps.node);
    }
  }
  return new Map(
    [...items.values()].map(({ id, along, across }) => [id, isVertical ? { x: across, y: along } : { x: along, y: across }]),
  );
}

/** Each in the layer behind the last that it depends on. Of a circle, which an editor may hold for a while, the first begins. */
function layersOf(items: readonly Item[]): Item[][] {
  const open = new Map(items.map((item) => [item, item.before.length]));
  const free = items.filter(({ before }) => before.length === 0);
  const layers: Item[][] = [];
  while (open.size > 0) {
    const item = free.pop() ?? open.keys().next().value!;
    if (!open.delete(item)) continue;
    (layers[item.rank] ??= []).push(item);
    for (const next of item.after) {
      const left = open.get(next);
      if (left === undefined) continue;
      next.rank = Math.max(next.rank, item.rank + 1);
      open.set(next, left - 1);
      if (left === 1) free.push(next);
    }
  }
  return layers;
}

function placeAlong(layers: readonly Item[][], gap: number): void {
  let at = 0;
  for (const layer of layers) {
    const length = Math.max(...layer.map((item) => item.length));
    for (const item of layer) item.along = at + length / 2;
    at += length + gap;
  }
}

/** Those of a layer, in their order, as near to where they want to be as they can without overlapping: groups that push each other stand around their mean. */
function spread(layer: readonly Item[], gap: number): void {
  const groups: { sum: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, item] of layer.entries()) {
    if (index > 0) offset += (layer[index - 1]!.breadth + item.breadth) / 2 + gap;
    offsets.push(offset);
    let group = { sum: item.across - offset, count: 1 };
    for (let last = groups.at(-1); last !== undefined && last.sum / last.count >= group.sum / group.count; last = groups.at(-1)) {
      group = { sum: last.sum + group.sum, count: last.count + group.count };
      groups.pop();
    }
    groups.push(group);
  }
  let index = 0;
  for (const { sum, count } of groups) {
    for (const end = index + count; index < end; index += 1) layer[index]!.across = sum / count + offsets[index]!;
  }
}

function middleOf(items: readonly Item[]): number | undefined {
  return items.length === 0 ? undefined : items.reduce((sum, { across }) => sum + across, 0) / items.length;
}
