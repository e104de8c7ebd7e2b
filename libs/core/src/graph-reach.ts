import type { Graph } from './graph-order.js';

/** Ids that one walk over the graph carries: the bits of a number. */
const BATCH = 31;

/**
 * Which of the pairs are not `from` upstream of `to`. Walks the graph once for each {@link BATCH} different `from`, whatever the number of pairs;
 * the dependencies of a node itself, the usual case, cost no walk.
 */
export function notUpstream<Pair extends { from: number; to: number }>(graph: Graph, pairs: readonly Pair[]): Pair[] {
  const far = pairs.filter(({ from, to }) => !graph.dependsOn[to]!.includes(from));
  const sources = [...new Set(far.map(({ from }) => from))];
  const missing: Pair[] = [];
  for (let start = 0; start < sources.length; start += BATCH) {
    const bitOf = new Map(sources.slice(start, start + BATCH).map((source, bit) => [source, 1 << bit]));
    const reached = reach(graph, bitOf);
    for (const pair of far) {
      const bit = bitOf.get(pair.from);
      if (bit !== undefined && (reached[pair.to]! & bit) === 0) missing.push(pair);
    }
  }
  return missing;
}

/** For each node the bits of the sources that it comes after. */
function reach({ order, dependsOn }: Graph, bitOf: ReadonlyMap<number, number>): Int32Array {
  const own = new Int32Array(dependsOn.length);
  for (const [source, bit] of bitOf) own[source] = bit;
  const reached = new Int32Array(dependsOn.length);
  for (const index of order) {
    let bits = 0;
    for (const dependency of dependsOn[index]!) bits |= reached[dependency]! | own[dependency]!;
    reached[index] = bits;
  }
  return reached;
}
