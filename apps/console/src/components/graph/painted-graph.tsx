import { useStoreApi, type ReactFlowState } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { GraphPainter } from './graph-painter.js';
import styles from './graph.module.css';
import { canvasContext, paletteOf } from './painting.js';

export interface PaintedGraphProps {
  painter: GraphPainter;
  isFar: boolean;
  selected: string | undefined;
  scheme: string;
}

/** The ground of a large graph: its edges, and from afar its nodes, painted anew in each frame in which it moves. */
export function PaintedGraph({ painter, isFar, selected, scheme }: PaintedGraphProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();

  useEffect(() => {
    const element = canvas.current!;
    const palette = paletteOf(element);
    let frame = 0;
    const paint = (): void => {
      frame = 0;
      const { width, height, transform } = store.getState();
      if (width === 0) return;
      const context = canvasContext(element, width, height);
      painter.paint(context, { width, height, transform }, palette, isFar);
      if (isFar && selected !== undefined) {
        painter.paintChosen(context, { width, height, transform }, selected, palette('var(--mantine-primary-color-filled)'));
      }
      element.dataset['drawn'] = '';
    };
    const moved = (now: ReactFlowState, before: ReactFlowState): void => {
      const isSame = now.transform === before.transform && now.width === before.width && now.height === before.height;
      if (!isSame && frame === 0) frame = requestAnimationFrame(paint);
    };
    paint();
    const unsubscribe = store.subscribe(moved);
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
    };
  }, [painter, isFar, selected, scheme, store]);

  return <canvas ref={canvas} className={styles.painted} aria-hidden />;
}
