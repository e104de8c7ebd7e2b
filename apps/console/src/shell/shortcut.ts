import { PAGES } from './pages.js';

export type Shortcut = { kind: 'palette' } | { kind: 'help' } | { kind: 'page'; path: string };

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** In a field, keys are text. */
  isTyping: boolean;
}

/** How long after `g` the key of a page counts. */
const SEQUENCE_MS = 1_200;

/** Reads shortcuts off the keys that are pressed, one after the other. */
export function createShortcutReader(now: () => number): (press: KeyPress) => Shortcut | null {
  let goAt = Number.NEGATIVE_INFINITY;
  return ({ key, ctrlKey, metaKey, altKey, isTyping }) => {
    if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === 'k') return { kind: 'palette' };
    if (isTyping || ctrlKey || metaKey || altKey) return null;
    const isSecond = now() - goAt < SEQUENCE_MS;
    goAt = key === 'g' && !isSecond ? now() : Number.NEGATIVE_INFINITY;
    const page = isSecond ? PAGES.find((one) => one.key === key) : undefined;
    if (page !== undefined) return { kind: 'page', path: page.path };
    if (key === '/') return { kind: 'palette' };
    return key === '?' ? { kind: 'help' } : null;
  };
}
