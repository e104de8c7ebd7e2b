import { useReactFlow, useStore, type FitViewOptions } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import type { GraphLayout } from '../../../components/graph/graph-layout.js';
import { CARD } from '../../../components/graph/graph-node.js';

/** Keeps the whole graph in view while it grows, until somebody has moved it; from then on only the chosen node. */
export function useFollowedNode(selected: string | null, layout: GraphLayout | null, fit: FitViewOptions): RefObject<boolean> {
  const { fitView, setCenter, getViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const touched = useRef(false);
  useEffect(() => {
    if (layout === null || touched.current) return undefined;
    const frame = requestAnimationFrame(() => void fitView(fit));
    return () => cancelAnimationFrame(frame);
  }, [layout, width, height, fit, fitView]);
  useEffect(() => {
    const place = selected === null ? undefined : layout?.places.get(selected);
    if (place === undefined || width === 0 || !touched.current) return;
    const { x, y, zoom } = getViewport();
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    if (left > 0 && top > 0 && left + CARD.width * zoom < width && top + CARD.height * zoom < height) return;
    void setCenter(place.x + CARD.width / 2, place.y + CARD.height / 2, { zoom, duration: 200 });
  }, [selected, layout, width, height, getViewport, setCenter]);
  return touched;
}
