import { useEffect, useMemo, useState } from 'react';
import type { GraphDirection, GraphLayout, GraphShape } from './graph-layout.js';

/**
 * Where the nodes stand, worked out beside the page; null before the first answer. While the graph changes, the layout before stays: only new places
 * come when only states of nodes change.
 */
export function useGraphLayout(nodes: readonly GraphShape[], direction: GraphDirection): GraphLayout | null {
  const shape = useMemo(() => JSON.stringify(nodes.map(({ id, after }) => ({ id, after }))), [nodes]);
  const [worker, setWorker] = useState<Worker | null>(null);
  const [layout, setLayout] = useState<GraphLayout | null>(null);

  useEffect(() => {
    const made = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    setWorker(made);
    return () => made.terminate();
  }, []);

  useEffect(() => {
    if (worker === null) return undefined;
    let isWanted = true;
    const take = ({ data }: MessageEvent<{ shape: string; layout: GraphLayout }>): void => {
      if (isWanted && data.shape === shape) setLayout(data.layout);
    };
    worker.addEventListener('message', take);
    worker.postMessage({ shape, direction }, { transfer: [] });
    return () => {
      isWanted = false;
      worker.removeEventListener('message', take);
    };
  }, [worker, shape, direction]);

  return layout;
}
