import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { Duration } from '../duration.js';
import { lookOf } from '../status.js';
import { formatDuration } from '../time.js';
import type { GraphNode } from './graph-node.js';
import styles from './graph.module.css';
import { KindIcon } from './kind-icon.js';
import { NodeIcon } from './node-icon.js';

export type CardNode = Node<{ node: GraphNode; isVertical: boolean }, 'card'>;

/** A node of the graph. Drawn anew only when something of this node has changed. */
export const NodeCard = memo(function NodeCard({ data: { node, isVertical }, selected }: NodeProps<CardNode>) {
  const { id, title, kind, status, attempts = 0 } = node;
  return (
    <div
      className={styles.card}
      data-tone={lookOf(status ?? 'planned').color}
      data-status={status}
      data-node={id}
      data-selected={selected || undefined}
    >
      <Handle
        type="target"
        position={isVertical ? Position.Top : Position.Left}
        isConnectable={false}
        className={styles.handle}
      />
      <span className={styles.icon}>
        {status === undefined ? <KindIcon kind={kind} size={16} /> : <NodeIcon status={status} />}
      </span>
      <span className={styles.text}>
        <span className={styles.title} title={title}>
          {title}
        </span>
        <span className={styles.kind}>
          <span className={styles.kindName}>{kind}</span>
          {attempts > 1 && <span className={styles.attempts}>try {attempts}</span>}
          <Took node={node} />
        </span>
      </span>
      <Handle
        type="source"
        position={isVertical ? Position.Bottom : Position.Right}
        isConnectable={false}
        className={styles.handle}
      />
    </div>
  );
});

/** How long the node took; it grows only while the node is in work. */
function Took({ node: { startedAt, endedAt, status } }: { node: GraphNode }) {
  if (startedAt === undefined) return null;
  if (endedAt !== undefined) return <span className="figures">{formatDuration(endedAt - startedAt)}</span>;
  return status === 'running' || status === 'dispatched' ? <Duration since={startedAt} /> : null;
}
