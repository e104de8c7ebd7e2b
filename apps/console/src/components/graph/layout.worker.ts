import { layoutGraph, type GraphDirection, type GraphShape } from './graph-layout.js';

/** Lays graphs out beside the page, which goes on meanwhile. `shape`: the nodes as text, sent back with the answer. */
self.addEventListener('message', ({ data: { shape, direction } }: MessageEvent<{ shape: string; direction: GraphDirection }>) => {
  self.postMessage({ shape, layout: layoutGraph(JSON.parse(shape) as GraphShape[], direction) }, { transfer: [] });
});
