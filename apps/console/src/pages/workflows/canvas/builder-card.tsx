import { Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { KindIcon } from '../../../components/graph/kind-icon.js';
import styles from './builder.module.css';

interface CardData extends Record<string, unknown> {
  title: string;
  kind: string;
  tone: string;
  isVertical: boolean;
  /** What is wrong with it; null: nothing. */
  problem: string | null;
  isOutput: boolean;
}

export type BuilderNode = Node<CardData, 'builder'>;

/** A node that may be connected: from the mark on its one side to the mark on the other side of another. */
export const BuilderCard = memo(function BuilderCard({ id, data, selected, isConnectable }: NodeProps<BuilderNode>) {
  const { title, kind, tone, isVertical, problem, isOutput } = data;
  return (
    <div
      className={styles.card}
      data-tone={tone}
      data-node={id}
      data-selected={selected || undefined}
      data-problem={problem !== null || undefined}
    >
      <Handle
        type="target"
        position={isVertical ? Position.Top : Position.Left}
        isConnectable={isConnectable}
        className={styles.handle}
      />
      <span className={styles.icon}>
        <KindIcon kind={kind} />
      </span>
      <span className={styles.text}>
        <span className={styles.title} title={title}>
          {title}
        </span>
        <span className={styles.kind}>
          {kind === '' ? 'no type' : kind}
          {isOutput && <span className={styles.output}>output</span>}
        </span>
      </span>
      {problem !== null && (
        <Tooltip label={problem} multiline maw={320}>
          <span className={styles.problem}>
            <IconAlertTriangle size={16} aria-label={problem} />
          </span>
        </Tooltip>
      )}
      <Handle
        type="source"
        position={isVertical ? Position.Bottom : Position.Right}
        isConnectable={isConnectable}
        className={styles.handle}
      />
    </div>
  );
});
