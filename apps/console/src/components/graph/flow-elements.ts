import { Position, type Edge } from '@xyflow/react';
import type { BlockNode } from './block-card.js';
import { litBy } from './edge-state.js';
import type { GraphLayout, Place } from './graph-layout.js';
import { CARD, type GraphNode } from './graph-node.js';
import type { CardNode } from './node-card.js';

export type FlowNode = CardNode | BlockNode;

/**
 * What the canvas draws. What has not changed since the last call is the same object again, so that of a thousand cards only those are drawn anew whose
 * nodes have moved on.
 */
export class FlowElements {
  private readonly cards = new Map<string, CardNode>();
  private readonly lines = new Map<string, Edge>();
  private layout: GraphLayout | null = null;
  private blocks: BlockNode[] = [];

  nodes(layout: GraphLayout, nodes: readonly GraphNode[], selected: string | undefined, isVertical: boolean): FlowNode[] {
    if (layout !== this.layout) {
      this.layout = layout;
      this.blocks = layout.blocks.map(({ id, x, y, width, height, count }): BlockNode => {
        const ends = endsOf(isVertical);
        return { id, type: 'block', position: { x, y }, width, height, data: { count, isVertical }, ...ends, zIndex: -1 };
      });
    }
    const cards = nodes.flatMap((node) => {
      const place = layout.places.get(node.id);
      return place === undefined ? [] : [this.card(node, place, node.id === selected, isVertical)];
    });
    return [...this.blocks, ...cards];
  }

  edges(layout: GraphLayout, nodes: readonly GraphNode[]): Edge[] {
    const statuses = new Map(nodes.map(({ id, status }) => [id, status]));
    return layout.edges.map(({ from, to }) => {
      const className = litBy(statuses.get(from), statuses.get(to));
      const id = `${from} ${to}`;
      const known = this.lines.get(id);
      if (known !== undefined && known.className === className) return known;
      const line: Edge = { id, source: from, target: to, className, focusable: false, selectable: false };
      this.lines.set(id, line);
      return line;
    });
  }

  private card(node: GraphNode, { x, y }: Place, isSelected: boolean, isVertical: boolean): CardNode {
    const known = this.cards.get(node.id);
    if (known !== undefined && isSame(known, node, isSelected, isVertical) && known.position.x === x && known.position.y === y) {
      return known;
    }
    const card: CardNode = {
      ...{ id: node.id, type: 'card', position: { x, y }, ...CARD, selected: isSelected },
      ...{ data: { node, isVertical }, ...endsOf(isVertical), ariaLabel: node.title, ariaRole: 'group' },
    };
    this.cards.set(node.id, card);
    return card;
  }
}

function isSame({ data, selected }: CardNode, node: GraphNode, isSelected: boolean, isVertical: boolean): boolean {
  const { node: before } = data;
  if (selected !== isSelected || data.isVertical !== isVertical) return false;
  if (before === node) return true;
  return (
    before.title === node.title &&
    before.kind === node.kind &&
    before.status === node.status &&
    before.attempts === node.attempts &&
    before.startedAt === node.startedAt &&
    before.endedAt === node.endedAt
  );
}

function endsOf(isVertical: boolean): { sourcePosition: Position; targetPosition: Position } {
  return isVertical
    ? { sourcePosition: Position.Bottom, targetPosition: Position.Top }
    : { sourcePosition: Position.Right, targetPosition: Position.Left };
}
