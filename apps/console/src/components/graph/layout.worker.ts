import { layoutGraph, type GraphDirection, type GraphLayout, type GraphShape } from './graph-layout.js';

/** What is asked for: the nodes as text, and the way that they go. */
interface LayoutQuestion {
  readonly shape: string;
  readonly direction: GraphDirection;
}

/** The question comes back with its answer: all graphs of the page ask the same worker. */
export interface LayoutAnswer extends LayoutQuestion {
  readonly layout: GraphLayout;
}

/** Lays graphs out beside the page, which goes on meanwhile. */
self.addEventListener('message', ({ data: { shape, direction } }: MessageEvent<LayoutQuestion>) => {
  const answer: LayoutAnswer = { shape, direction, layout: layoutGraph(JSON.parse(shape) as GraphShape[], direction) };
  self.postMessage(answer, { transfer: [] });
});
