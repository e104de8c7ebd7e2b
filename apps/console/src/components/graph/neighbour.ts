import type { GraphDirection, GraphLayout } from './graph-layout.js';
import { CARD, type GraphNode } from './graph-node.js';

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** The node that an arrow key leads to: the nearest one in its direction. Without a selected one, the first. */
export function neighbourOf(
  key: string,
  selected: string | undefined,
  nodes: readonly GraphNode[],
  { places }: GraphLayout,
  direction: GraphDirection,
): string | undefined {
  const step = STEPS[key];
  if (step === undefined) return undefined;
  const from = selected === undefined ? undefined : places.get(selected);
  if (from === undefined) return nodes.find(({ after }) => after.length === 0)?.id;
  const [alongX, alongY] = step;
  const linked = linkedTo(selected!, nodes, isForward(step, direction));
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const [id, place] of places) {
    const [dx, dy] = [place.x - from.x, place.y - from.y];
    const ahead = dx * alongX + dy * alongY;
    if (id === selected || ahead < (alongX === 0 ? CARD.height : CARD.width) / 2) continue;
    const aside = Math.abs(dx * alongY) + Math.abs(dy * alongX);
    const distance = ahead + 3 * aside - (linked.has(id) ? 1e6 : 0);
    if (distance < bestDistance) [best, bestDistance] = [id, distance];
  }
  return best;
}

/** Along the edges, where the key goes along them. */
function isForward([x, y]: readonly [number, number], direction: GraphDirection): boolean | null {
  const along = direction === 'LR' ? x : y;
  return along === 0 ? null : along > 0;
}

function linkedTo(id: string, nodes: readonly GraphNode[], forward: boolean | null): ReadonlySet<string> {
  if (forward === null) return new Set();
  if (!forward) return new Set(nodes.find((node) => node.id === id)?.after);
  return new Set(nodes.filter(({ after }) => after.includes(id)).map((node) => node.id));
}
