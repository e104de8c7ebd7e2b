import type { Chance, NodeSketch } from '../support/in-memory/index.js';
import { layeredGraph } from '../support/layered-graph.js';
import { GraphDraft, type SimGraph } from './graph-draft.js';
import { NODE_KINDS } from './node-kinds.js';

const BAG = NODE_KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));

/** Mostly small: what breaks in a large graph breaks in a small one, a hundred times as often an hour. */
export function randomGraph(chance: Chance): SimGraph {
  const input = { list: Array.from({ length: 2 + chance.below(3) }, (_, index) => index * 10) };
  if (chance.happens(0.004)) return wideGraph(chance);
  const draft = new GraphDraft(chance);
  const kinds = chance.happens(0.75) ? 1 + chance.below(5) : chance.happens(0.9) ? 5 + chance.below(10) : 20 + chance.below(40);
  for (let n = 0; n < kinds; n += 1) chance.pick(BAG).add(draft);
  // An empty draft is one whose kinds did not want to be there.
  if (Object.keys(draft.nodes).length === 0) draft.aNumberedNode();
  return draft.finish(chance.pick([1, 2, 5, 10]), input);
}

/** Hundreds of nodes in layers. */
function wideGraph(chance: Chance): SimGraph {
  const nodes: Record<string, NodeSketch> = {};
  const kinds: Record<string, string> = {};
  for (const { id, depends_on } of layeredGraph(200 + chance.below(200), chance.next)) {
    nodes[id] = { depends_on, config: { ms: 0 } };
    kinds[id] = 'in a large graph';
  }
  return { nodes, kinds, concurrency: 50, input: { list: [] }, branches: [], events: [], racy: false };
}
