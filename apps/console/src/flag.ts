import { useSyncExternalStore } from 'react';

/** Something that is open or not, for the whole page: a dialog that anything may open. */
export interface Flag {
  raise: () => void;
  lower: () => void;
  use: () => boolean;
}

export function createFlag(): Flag {
  let isUp = false;
  const listeners = new Set<() => void>();
  const set = (next: boolean): void => {
    if (isUp === next) return;
    isUp = next;
    for (const listener of listeners) listener();
  };
  const listen = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    raise: () => set(true),
    lower: () => set(false),
    use: () => useSyncExternalStore(listen, () => isUp),
  };
}
