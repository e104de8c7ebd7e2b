import { lookOf } from '../status.js';
import { litBy } from './edge-state.js';
import type { GraphLayout, Place } from './graph-layout.js';
import { CARD, type GraphNode } from './graph-node.js';

/** What of the plane is seen: `[x, y, zoom]` as the canvas moves it, and how large the window on it is, in pixels. */
export interface View {
  readonly transform: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
}

/** A colour as a canvas takes it, of one as CSS has it, on the ground of a tone. */
export type Palette = (color: string, tone?: string) => string;

interface Line {
  readonly from: Place;
  readonly to: Place;
}

/** Below this zoom a bend cannot be told from a straight line, and costs ten times as much. */
const STRAIGHT = 0.2;
/** One path of thousands of lines is slower than some of hundreds. */
const LINES_A_PATH = 200;

/** Paints a graph of any size in one go: what a thousand elements of the page would take too long for. */
export class GraphPainter {
  private readonly lines = new Map<string, Line[]>();
  private readonly cards = new Map<string, Place[]>();

  constructor(
    private readonly layout: GraphLayout,
    nodes: readonly GraphNode[],
    private readonly isVertical: boolean,
  ) {
    const statuses = new Map<string, string | undefined>();
    for (const { id, status } of nodes) {
      statuses.set(id, status);
      const place = layout.places.get(id);
      if (place !== undefined) gather(this.cards, lookOf(status ?? 'planned').color, place);
    }
    const boxes = new Map(layout.blocks.map((block) => [block.id, block]));
    for (const { from, to } of layout.edges) {
      const [source, target] = [boxes.get(from) ?? cardAt(layout, from), boxes.get(to) ?? cardAt(layout, to)];
      if (source === undefined || target === undefined) continue;
      gather(this.lines, litBy(statuses.get(from), statuses.get(to)), {
        from: isVertical
          ? { x: source.x + source.width / 2, y: source.y + source.height }
          : { x: source.x + source.width, y: source.y + source.height / 2 },
        to: isVertical ? { x: target.x + target.width / 2, y: target.y } : { x: target.x, y: target.y + target.height / 2 },
      });
    }
  }

  /** `isFar`: nodes too, as blocks of colour; else edges alone, since the nodes stand there as cards. */
  paint(context: CanvasRenderingContext2D, view: View, palette: Palette, isFar: boolean): void {
    const [x, y, zoom] = view.transform;
    context.clearRect(0, 0, view.width, view.height);
    context.save();
    context.translate(x, y);
    context.scale(zoom, zoom);
    if (isFar) this.paintBlocks(context, zoom, palette);
    for (const state of ['dark', 'lit', 'active']) this.paintLines(context, view, state, palette, isFar);
    if (isFar) this.paintCards(context, zoom, palette);
    context.restore();
  }

  /** The ring around the chosen node. */
  paintChosen(context: CanvasRenderingContext2D, { transform: [x, y, zoom] }: View, id: string, color: string): void {
    const place = this.layout.places.get(id);
    if (place === undefined) return;
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.strokeRect(place.x * zoom + x - 3, place.y * zoom + y - 3, CARD.width * zoom + 6, CARD.height * zoom + 6);
  }

  paintCards(context: CanvasRenderingContext2D, zoom: number, palette: Palette): void {
    const isRound = CARD.height * zoom > 6;
    for (const [tone, places] of this.cards) {
      context.beginPath();
      for (const { x, y } of places) {
        if (isRound) context.roundRect(x, y, CARD.width, CARD.height, 12);
        else context.rect(x, y, CARD.width, CARD.height);
      }
      context.fillStyle = palette(tone === 'gray' ? 'var(--graph-idle)' : 'var(--tone)', tone);
      context.fill();
    }
  }

  private paintBlocks(context: CanvasRenderingContext2D, zoom: number, palette: Palette): void {
    context.setLineDash([4 / zoom, 3 / zoom]);
    context.lineWidth = 1 / zoom;
    context.strokeStyle = palette('var(--graph-line)');
    for (const { x, y, width, height } of this.layout.blocks) context.strokeRect(x, y, width, height);
    context.setLineDash([]);
  }

  private paintLines(context: CanvasRenderingContext2D, view: View, state: string, palette: Palette, isFar: boolean): void {
    const [left, top, zoom] = view.transform;
    const [minX, minY, maxX, maxY] = [-left / zoom, -top / zoom, (view.width - left) / zoom, (view.height - top) / zoom];
    context.strokeStyle = palette(`var(--graph-line${state === 'dark' ? '' : `-${state}`})`);
    context.lineWidth = isFar ? Math.max(3, 0.7 / zoom) : state === 'active' ? 2 : 1.5;
    let count = 0;
    context.beginPath();
    for (const { from, to } of this.lines.get(state) ?? []) {
      if (Math.max(from.x, to.x) < minX || Math.min(from.x, to.x) > maxX) continue;
      if (Math.max(from.y, to.y) < minY || Math.min(from.y, to.y) > maxY) continue;
      this.trace(context, from, to, zoom);
      count += 1;
      if (count % LINES_A_PATH > 0) continue;
      context.stroke();
      context.beginPath();
    }
    context.stroke();
  }

  private trace(context: CanvasRenderingContext2D, from: Place, to: Place, zoom: number): void {
    context.moveTo(from.x, from.y);
    if (zoom < STRAIGHT) return context.lineTo(to.x, to.y);
    const [middleX, middleY] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
    if (this.isVertical) context.bezierCurveTo(from.x, middleY, to.x, middleY, to.x, to.y);
    else context.bezierCurveTo(middleX, from.y, middleX, to.y, to.x, to.y);
  }
}

function cardAt({ places }: GraphLayout, id: string): (Place & { width: number; height: number }) | undefined {
  const place = places.get(id);
  return place && { ...place, ...CARD };
}

function gather<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [value]);
  else known.push(value);
}
