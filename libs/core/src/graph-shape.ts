import type { Graph } from './graph-order.js';

/** What the form of a graph says about a run of it. */
export interface GraphShape {
  /** How many nodes come one after the other at least: 1 + the longest way from a root. By node index. */
  readonly levels: Int32Array;
  /** The number of levels. */
  readonly depth: number;
  /** Nodes of the widest level. */
  readonly width: number;
  /** The way that takes longest, by index: no run is faster. */
  readonly criticalPath: readonly number[];
  readonly criticalSeconds: number;
  /** Of all nodes, one after the other. */
  readonly totalSeconds: number;
}

/** Levels and the critical path in O(nodes + edges). `secondsOf` is what a node takes. */
export function measureGraph(graph: Graph, secondsOf: (index: number) => number): GraphShape {
  const size = graph.dependsOn.length;
  const levels = new Int32Array(size);
  const endsAt = new Float64Array(size);
  const before = new Int32Array(size).fill(-1);
  const widths: number[] = [];
  let last = -1;
  let totalSeconds = 0;
  for (const index of graph.order) {
    let startsAt = 0;
    let level = 0;
    for (const dependency of graph.dependsOn[index]!) {
      level = Math.max(level, levels[dependency]!);
      if (before[index] === -1 || endsAt[dependency]! > startsAt) {
        startsAt = endsAt[dependency]!;
        before[index] = dependency;
      }
    }
    const seconds = secondsOf(index);
    totalSeconds += seconds;
    levels[index] = level + 1;
    widths[level] = (widths[level] ?? 0) + 1;
    endsAt[index] = startsAt + seconds;
    if (last === -1 || endsAt[index] > endsAt[last]!) last = index;
  }
  const criticalPath: number[] = [];
  for (let index = last; index !== -1; index = before[index]!) criticalPath.push(index);
  return {
    levels,
    depth: widths.length,
    width: widths.reduce((widest, width) => Math.max(widest, width), 0),
    criticalPath: criticalPath.reverse(),
    criticalSeconds: last === -1 ? 0 : endsAt[last]!,
    totalSeconds,
  };
}

/** The most nodes of a level for which `isCounted` holds: so many of them may be in work at once. */
export function widestLevel(shape: GraphShape, isCounted: (index: number) => boolean): number {
  const widths = new Int32Array(shape.depth + 1);
  shape.levels.forEach((level, index) => {
    if (level > 0 && isCounted(index)) widths[level]! += 1;
  });
  return widths.reduce((widest, width) => Math.max(widest, width), 0);
}
