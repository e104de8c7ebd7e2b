import type { Palette } from './graph-painter.js';

/** The colours of CSS as they are on `element` now; each is asked for once. */
export function paletteOf(element: HTMLElement): Palette {
  const known = new Map<string, string>();
  return (color, tone = '') => {
    const key = `${tone} ${color}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    element.dataset['tone'] = tone;
    element.style.color = color;
    const resolved = getComputedStyle(element).color;
    known.set(key, resolved);
    return resolved;
  };
}

/** Paints in pixels of the page, as sharp as the screen is. */
export function canvasContext(element: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (element.width !== wide || element.height !== high) Object.assign(element, { width: wide, height: high });
  const context = element.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
