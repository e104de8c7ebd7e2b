import { useEffect, useMemo, useState } from 'react';
import type { GraphDirection, GraphLayout, GraphShape } from './graph-layout.js';
import type { LayoutAnswer } from './layout.worker.js';

/** It begins while the page still asks for what there is to draw. */
const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });

/**
 * Where the nodes stand, worked out beside the page; null before the first answer. While the graph changes, the layout before stays: only new places
 * come when only states of nodes change.
 */
export function useGraphLayout(nodes: readonly GraphShape[], direction: GraphDirection): GraphLayout | null {
  const shape = useMemo(() => JSON.stringify(nodes.map(({ id, after }) => ({ id, after }))), [nodes]);
  const [layout, setLayout] = useState<GraphLayout | null>(null);

  useEffect(() => {
    const take = ({ data }: MessageEvent<LayoutAnswer>): void => {
      if (data.shape === shape && data.direction === direction) setLayout(data.layout);
    };
    worker.addEventListener('message', take);
    worker.postMessage({ shape, direction }, { transfer: [] });
    return () => worker.removeEventListener('message', take);
  }, [shape, direction]);

  return layout;
}
