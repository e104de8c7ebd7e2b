import { Chance, type NodeSketch } from '../support/in-memory/index.js';
import { layeredGraph } from '../support/layered-graph.js';
import { GraphDraft, type SimGraph } from './graph-draft.js';
import { NODE_KINDS, type NodeKind } from './node-kinds.js';
import { addDoomed } from './node-sketches.js';

const bagOf = (kinds: readonly NodeKind[]): NodeKind[] =>
  kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
const BAG = bagOf(NODE_KINDS);
const CHILD_BAG = bagOf(NODE_KINDS.filter(({ notInChildren = false }) => !notInChildren));

/** Mostly small: what breaks in a large graph breaks in a small one, a hundred times as often an hour. */
export function randomGraph(chance: Chance): SimGraph {
  const list = Array.from({ length: 2 + chance.below(3) }, (_, index) => index * 10);
  const input = { list, left: chance.below(3) };
  if (chance.happens(0.004)) return wideGraph(chance);
  const draft = new GraphDraft(chance);
  const kinds = chance.happens(0.75) ? 1 + chance.below(5) : chance.happens(0.9) ? 5 + chance.below(10) : 20 + chance.below(40);
  for (let n = 0; n < kinds; n += 1) chance.pick(BAG).add(draft);
  // An empty draft is one whose kinds did not want to be there.
  if (Object.keys(draft.nodes).length === 0) draft.aNumberedNode();
  if (chance.happens(0.05)) limitTime(draft);
  if (chance.happens(0.15)) {
    draft.settings.limits = {
      active_runs: 1 + chance.below(2),
      on_limit: chance.pick(['reject', 'queue', 'queue', 'cancel_oldest']),
    };
  }
  return draft.finish(chance.pick([1, 2, 5, 10]), input, draft.hasChildren ? childGraphs(chance) : []);
}

/** Its time may be up anywhere. */
function limitTime(draft: GraphDraft): void {
  draft.racy = true;
  draft.settings.timeout = draft.chance.pick([1, 3, 8]);
}

/** One drawn by chance, one for its children, and one that always fails. */
function childGraphs(chance: Chance): SimGraph[] {
  const child = new GraphDraft(chance, 'child', 'leaf');
  for (let n = 1 + chance.below(3); n > 0; n -= 1) chance.pick(CHILD_BAG).add(child);
  const leaf = new GraphDraft(new Chance(1), 'leaf');
  for (const name of ['work', 'effect']) NODE_KINDS.find((kind) => kind.name === name)!.add(leaf);
  const doomed = new GraphDraft(new Chance(1), 'doomed');
  addDoomed(doomed);
  return [child.finish(chance.pick([1, 5]), null), leaf.finish(2, null), doomed.finish(2, null)];
}

/** Hundreds of nodes in layers. */
function wideGraph(chance: Chance): SimGraph {
  const nodes: Record<string, NodeSketch> = {};
  const kinds: Record<string, string> = {};
  for (const { id, depends_on } of layeredGraph(200 + chance.below(200), chance.next)) {
    nodes[id] = { depends_on, config: { ms: 0 } };
    kinds[id] = 'in a large graph';
  }
  const none = { branches: [], events: [], children: [], settings: {} };
  return { name: 'graph', nodes, kinds, concurrency: 50, input: { list: [], left: 0 }, ...none, racy: false };
}
