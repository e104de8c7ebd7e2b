import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { StatusBadge } from '../status-badge.js';
import type { GraphNode } from './graph-node.js';
import styles from './graph.module.css';

export interface GraphListProps {
  nodes: readonly GraphNode[];
  selected: string | undefined;
  onSelect: (id: string) => void;
}

/** The graph in words: each node, its state, and what it comes after. */
export function GraphList({ nodes, selected, onSelect }: GraphListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 60,
    overscan: 10,
  });
  return (
    <div ref={scroller} className={`${styles.graph} ${styles.list}`}>
      <ul
        aria-label="Nodes"
        style={{ height: rows.getTotalSize(), position: 'relative', margin: 0, padding: 0, listStyle: 'none' }}
      >
        {rows.getVirtualItems().map(({ index, start, size }) => {
          const { id, title, kind, status, after } = nodes[index]!;
          return (
            <li
              key={id}
              aria-setsize={nodes.length}
              aria-posinset={index + 1}
              style={{ position: 'absolute', insetInline: 0, height: size, transform: `translateY(${start}px)` }}
            >
              <button type="button" className={styles.listRow} aria-pressed={id === selected} onClick={() => onSelect(id)}>
                <span className={styles.title}>{title}</span>
                {status !== undefined && <StatusBadge status={status} />}
                <span className={styles.listSmall}>
                  {kind} · {after.length === 0 ? 'comes first' : `after ${after.join(', ')}`}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
