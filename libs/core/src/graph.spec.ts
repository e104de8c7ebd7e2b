import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildGraph } from './graph-order.js';
import { notUpstream } from './graph-reach.js';
import { measureGraph, widestLevel } from './graph-shape.js';

interface Sketch {
  id: string;
  depends_on: string[];
}

const sketch = (edges: readonly (readonly number[])[]): Sketch[] =>
  edges.map((dependencies, index) => ({ id: `n${index}`, depends_on: dependencies.map((dependency) => `n${dependency}`) }));

/** Dependencies by index; with `acyclic`, only on nodes of lower index, told in any order. */
const edges = (acyclic: boolean) =>
  fc.integer({ min: 1, max: 14 }).chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) => {
        const max = acyclic ? index - 1 : size - 1;
        return max < 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.integer({ min: 0, max }), { maxLength: 4 });
      }),
    ),
  );

/** All that a node comes after, by walking: what the fast ways are held against. */
function ancestors(dependsOn: readonly (readonly number[])[], index: number): Set<number> {
  const found = new Set<number>();
  const open = [...dependsOn[index]!];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...dependsOn[next]!);
  }
  return found;
}

describe('the order of a graph', () => {
  it('puts each node behind what it depends on, and finds nothing wrong with a graph without cycles', () => {
    fc.assert(
      fc.property(edges(true), (dependsOn) => {
        const { graph, problems } = buildGraph(sketch(dependsOn));
        expect(problems).toEqual([]);
        const position = new Map(graph.order.map((index, at) => [index, at]));
        expect(position.size).toBe(dependsOn.length);
        dependsOn.forEach((dependencies, index) =>
          dependencies.forEach((dependency) => expect(position.get(dependency)!).toBeLessThan(position.get(index)!)),
        );
      }),
    );
  });

  it('names cycles that exist, one for each knot, and every node that waits for one', () => {
    fc.assert(
      fc.property(edges(false), (dependsOn) => {
        const { problems } = buildGraph(sketch(dependsOn));
        const reach = dependsOn.map((_, index) => ancestors(dependsOn, index));
        const onCycle = reach.flatMap((above, index) => (above.has(index) ? [index] : []));
        const knots = new Set(
          onCycle.map((index) => Math.min(...onCycle.filter((other) => reach[index]!.has(other) && reach[other]!.has(index)))),
        );
        const cycles = problems.filter(({ code }) => code === 'cycle');
        expect(cycles).toHaveLength(knots.size);
        for (const { message } of cycles) {
          const walk = message
            .slice('cycle: '.length)
            .split(' -> ')
            .map((id) => Number(id.slice(1)));
          expect(walk.at(-1)).toBe(walk[0]);
          expect(new Set(walk).size).toBe(walk.length - 1);
          walk.slice(1).forEach((index, at) => expect(dependsOn[index]).toContain(walk[at]!));
        }
        const behind = reach.flatMap((above, index) =>
          !above.has(index) && onCycle.some((other) => above.has(other)) ? [`/nodes/${index}`] : [],
        );
        expect(problems.filter(({ code }) => code === 'unreachable').map(({ pointer }) => pointer)).toEqual(behind);
      }),
    );
  });

  it('walks a cycle of a hundred thousand nodes', () => {
    const size = 100_000;
    const { problems } = buildGraph(sketch(Array.from({ length: size }, (_, index) => [(index + size - 1) % size])));
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message.split(' -> ')).toHaveLength(size + 1);
  });
});

describe('the shape of a graph', () => {
  const seconds = (index: number): number => ((index * 7) % 5) + 1;

  it('has the levels and the longest way that walking every way gives', () => {
    fc.assert(
      fc.property(edges(true), (dependsOn) => {
        const { graph } = buildGraph(sketch(dependsOn));
        const shape = measureGraph(graph, seconds);
        const level = (index: number): number => 1 + Math.max(0, ...dependsOn[index]!.map(level));
        const end = (index: number): number => seconds(index) + Math.max(0, ...dependsOn[index]!.map(end));
        const indexes = dependsOn.map((_, index) => index);
        expect([...shape.levels]).toEqual(indexes.map(level));
        expect(shape.depth).toBe(Math.max(...indexes.map(level)));
        expect(shape.width).toBe(
          Math.max(...indexes.map((index) => indexes.filter((other) => level(other) === level(index)).length)),
        );
        expect(shape.width).toBe(widestLevel(shape, () => true));
        expect(shape.criticalSeconds).toBe(Math.max(...indexes.map(end)));
        expect(shape.criticalPath.reduce((sum, index) => sum + seconds(index), 0)).toBe(shape.criticalSeconds);
        shape.criticalPath.slice(1).forEach((index, at) => expect(dependsOn[index]).toContain(shape.criticalPath[at]!));
        expect(shape.totalSeconds).toBe(indexes.reduce((sum, index) => sum + seconds(index), 0));
      }),
    );
  });

  it('counts only the nodes asked for', () => {
    const { graph } = buildGraph(sketch([[], [], [0], [0], [1]]));
    expect(
      widestLevel(
        measureGraph(graph, () => 1),
        (index) => index !== 3,
      ),
    ).toBe(2);
    expect(
      widestLevel(
        measureGraph(graph, () => 1),
        () => false,
      ),
    ).toBe(0);
  });
});

describe('what is upstream', () => {
  it('is what walking finds, for any number of pairs', () => {
    fc.assert(
      fc.property(edges(true), (dependsOn) => {
        const { graph } = buildGraph(sketch(dependsOn));
        const all = dependsOn.flatMap((_, to) => dependsOn.map((_other, from) => ({ from, to })));
        const expected = all.filter(({ from, to }) => !ancestors(dependsOn, to).has(from));
        const found = notUpstream(graph, all);
        const sorted = (pairs: { from: number; to: number }[]) => pairs.map(({ from, to }) => `${from}>${to}`).sort();
        expect(sorted(found)).toEqual(sorted(expected));
      }),
    );
  });

  it('is found over more sources than one walk carries', () => {
    const size = 200;
    const { graph } = buildGraph(sketch(Array.from({ length: size }, (_, index) => (index === 0 ? [] : [index - 1]))));
    const pairs = Array.from({ length: size }, (_, from) => ({ from, to: size - 1 }));
    expect(notUpstream(graph, pairs)).toEqual([{ from: size - 1, to: size - 1 }]);
  });
});
