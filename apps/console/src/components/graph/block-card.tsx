import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import styles from './graph.module.css';

export type BlockNode = Node<{ count: number; isVertical: boolean }, 'block'>;

/** The ground on which many nodes alike stand. */
export const BlockCard = memo(function BlockCard({ data: { count, isVertical } }: NodeProps<BlockNode>) {
  return (
    <div className={styles.block}>
      <Handle
        type="target"
        position={isVertical ? Position.Top : Position.Left}
        isConnectable={false}
        className={styles.handle}
      />
      <span className={styles.blockTitle}>{count} side by side</span>
      <Handle
        type="source"
        position={isVertical ? Position.Bottom : Position.Right}
        isConnectable={false}
        className={styles.handle}
      />
    </div>
  );
});
