import { describe, expect, it } from '@jest/globals';
import { layeredGraph } from '../../../../../test/support/layered-graph.js';
import { Chance } from '../../../../../test/support/in-memory/chance.js';
import { layoutGraph, type GraphShape, type Place } from './graph-layout.js';
import { CARD } from './graph-node.js';

const fan = (count: number): GraphShape[] => [
  { id: 'start', after: [] },
  ...Array.from({ length: count }, (_, n) => ({ id: `n${n}`, after: ['start'] })),
  { id: 'end', after: Array.from({ length: count }, (_, n) => `n${n}`) },
];

describe('the layout of a graph', () => {
  it('places nodes behind what they depend on, and leaves out what does not exist', () => {
    const { places, edges } = layoutGraph(
      [
        { id: 'a', after: ['nowhere'] },
        { id: 'b', after: ['a'] },
        { id: 'c', after: ['a', 'b'] },
      ],
      'LR',
    );
    const [a, b, c] = ['a', 'b', 'c'].map((id) => places.get(id)!.x);
    expect([a! + CARD.width < b!, b! + CARD.width < c!]).toEqual([true, true]);
    expect(edges).toEqual([
      { from: 'a', to: 'b' },
      { from: 'a', to: 'c' },
      { from: 'b', to: 'c' },
    ]);
  });

  it('gathers many nodes alike in a block with one edge on each side', () => {
    const { places, blocks, edges } = layoutGraph(fan(300), 'LR');
    expect(blocks).toMatchObject([{ count: 300 }]);
    expect(edges).toHaveLength(2);
    expect(places.size).toBe(302);
    const [block] = blocks;
    const corners = new Set<string>();
    for (const [id, { x, y }] of places) {
      if (!id.startsWith('n')) continue;
      corners.add(`${x} ${y}`);
      expect([x >= block!.x, x + CARD.width <= block!.x + block!.width]).toEqual([true, true]);
      expect([y >= block!.y, y + CARD.height <= block!.y + block!.height]).toEqual([true, true]);
    }
    expect(corners.size).toBe(300);
  });

  it('draws a few nodes alike one by one', () => {
    expect(layoutGraph(fan(4), 'TB')).toMatchObject({ blocks: [], edges: { length: 8 } });
  });

  it.each(['LR', 'TB'] as const)('places a thousand nodes %s behind what they depend on, none over another', (direction) => {
    const nodes = layeredGraph(1_000, new Chance(1).next).map(({ id, depends_on }) => ({ id, after: depends_on }));
    const { places } = layoutGraph(nodes, direction);
    const along = direction === 'LR' ? (['x', 'width'] as const) : (['y', 'height'] as const);
    const isBehind = (before: string, id: string): boolean =>
      places.get(before)![along[0]] + CARD[along[1]] < places.get(id)![along[0]];
    expect(nodes.flatMap(({ id, after }) => after.filter((before) => !isBehind(before, id)))).toEqual([]);
    const all = [...places.values()];
    const isOver = (a: Place, b: Place): boolean => Math.abs(a.x - b.x) < CARD.width && Math.abs(a.y - b.y) < CARD.height;
    expect(all.filter((a, index) => all.some((b, other) => other > index && isOver(a, b)))).toEqual([]);
    expect(all).toHaveLength(1_000);
  });

  it('loses nothing of a large circle', () => {
    const circle = Array.from({ length: 400 }, (_, n) => ({ id: `n${n}`, after: [`n${(n + 1) % 400}`] }));
    expect(layoutGraph(circle, 'LR').places.size).toBe(400);
  });

  it('does not lose a circle, which an editor may hold for a while', () => {
    const circle = [
      { id: 'a', after: ['b'] },
      { id: 'b', after: ['a'] },
    ];
    expect(layoutGraph(circle, 'LR').places.size).toBe(2);
  });
});
