import { getViewportForBounds, Panel, useReactFlow, useStoreApi, type Rect } from '@xyflow/react';
import { useEffect, useMemo, useRef, type PointerEvent } from 'react';
import type { GraphPainter } from './graph-painter.js';
import styles from './graph.module.css';
import { canvasContext, paletteOf } from './painting.js';

const [WIDTH, HEIGHT] = [200, 150];

/** The whole of a large graph, small, with a frame around what is in view. It is painted when nodes move on, and not while the graph is moved. */
export function PaintedMap({ painter, bounds, scheme }: { painter: GraphPainter; bounds: Rect; scheme: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  const { setCenter, getZoom } = useReactFlow();
  const { x, y, zoom } = useMemo(() => getViewportForBounds(bounds, WIDTH, HEIGHT, 0.001, 1, 0.05), [bounds]);

  useEffect(() => {
    const context = canvasContext(canvas.current!, WIDTH, HEIGHT);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.translate(x, y);
    context.scale(zoom, zoom);
    painter.paintCards(context, zoom, paletteOf(canvas.current!));
  }, [painter, scheme, x, y, zoom]);

  useEffect(() => {
    const place = (): void => {
      const { transform, width, height } = store.getState();
      const scale = zoom / transform[2];
      Object.assign(frame.current!.style, {
        transform: `translate(${x - transform[0] * scale}px, ${y - transform[1] * scale}px)`,
        width: `${width * scale}px`,
        height: `${height * scale}px`,
      });
    };
    place();
    return store.subscribe(place);
  }, [store, x, y, zoom]);

  const go = (event: PointerEvent<HTMLElement>): void => {
    if (event.buttons === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    void setCenter((event.clientX - left - x) / zoom, (event.clientY - top - y) / zoom, { zoom: getZoom() });
  };

  return (
    <Panel position="bottom-right" className="react-flow__minimap">
      <div className={styles.map} role="img" aria-label="Map of the graph" onPointerDown={go} onPointerMove={go}>
        <canvas ref={canvas} className={styles.mapCanvas} />
        <div ref={frame} className={styles.mapFrame} />
      </div>
    </Panel>
  );
}
