import { useStore } from '@xyflow/react';
import { useMemo } from 'react';
import type { FlowNode } from './flow-elements.js';

/** The plane is cut in squares of this size: cards come and go by squares, so that small moves change nothing. */
const SQUARE = 280;
const NONE: FlowNode[] = [];

/** Of a large graph only the cards in view and just around it; from afar, where they are painted, none. `isLarge` false: all of them. */
export function useCardsInView(nodes: FlowNode[], isLarge: boolean, isFar: boolean): FlowNode[] {
  const area = useStore(({ transform: [x, y, zoom], width, height }) => {
    if (!isLarge || isFar) return '';
    return [-x, -y, width - x, height - y].map((edge) => Math.floor(edge / zoom / SQUARE)).join(' ');
  });
  return useMemo(() => {
    if (!isLarge) return nodes;
    if (isFar) return NONE;
    const [left, top, right, bottom] = area.split(' ').map(Number) as [number, number, number, number];
    return nodes.filter(({ position: { x, y }, width = 0, height = 0 }) => {
      const isBeside = x + width < left * SQUARE || x > (right + 1) * SQUARE;
      return !isBeside && y + height >= top * SQUARE && y <= (bottom + 1) * SQUARE;
    });
  }, [nodes, isLarge, isFar, area]);
}
