import { useEffect, useEffectEvent, type RefObject } from 'react';

/** Where on the axis the names end; the time begins there. */
const NAMES_VAR = '--names';

/**
 * Zooms by the wheel with Ctrl (or two fingers), and pans with Shift. Without them the wheel scrolls the rows. `at`: the place of the pointer on the axis
 * of time, from 0 to 1.
 */
export function useWheelZoom(
  scroller: RefObject<HTMLElement | null>,
  zoom: (factor: number, at: number) => void,
  pan: (share: number) => void,
): void {
  const onWheel = useEffectEvent((event: WheelEvent) => {
    const element = event.currentTarget as HTMLElement;
    const { left, width } = element.getBoundingClientRect();
    const names = Number.parseFloat(getComputedStyle(element).getPropertyValue(NAMES_VAR)) || 0;
    const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      const at = (event.clientX - left - names) / Math.max(1, width - names);
      zoom(Math.exp(event.deltaY * 0.004), Math.min(1, Math.max(0, at)));
    } else if (along !== 0 && Math.abs(along) >= Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(along / width);
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const element = scroller.current;
    const listen = (event: WheelEvent): void => onWheel(event);
    // React listens passively, and could not keep the page from zooming.
    element?.addEventListener('wheel', listen, { passive: false });
    return () => element?.removeEventListener('wheel', listen);
  });
}
