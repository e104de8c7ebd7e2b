import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type Edge, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';
import styles from './builder.module.css';

export type BuilderEdgeType = Edge<{ label: string | null; onRemove: (() => void) | null }, 'builder'>;

/** What comes before what, with the branch that it is, and a button that ends it while it is chosen. */
export const BuilderEdge = memo(function BuilderEdge(edge: EdgeProps<BuilderEdgeType>) {
  const { id, source, target, data, selected, markerEnd } = edge;
  const [path, x, y] = getBezierPath(edge);
  const label = data?.label ?? null;
  const onRemove = selected === true ? (data?.onRemove ?? null) : null;
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={24} {...(markerEnd !== undefined && { markerEnd })} />
      {(label !== null || onRemove !== null) && (
        <EdgeLabelRenderer>
          <div className={styles.label} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            {label}
            {onRemove !== null && (
              <ActionIcon
                size={18}
                radius="xl"
                color="red"
                variant="filled"
                aria-label={`Disconnect ${source} from ${target}`}
                onClick={onRemove}
              >
                <IconX size={12} />
              </ActionIcon>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
