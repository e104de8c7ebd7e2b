import { useSyncExternalStore } from 'react';

let isAsked = false;
const listeners = new Set<() => void>();

function set(asked: boolean): void {
  if (isAsked === asked) return;
  isAsked = asked;
  for (const listener of listeners) listener();
}

/** Opens the dialog that asks for a token. */
export function askForToken(): void {
  set(true);
}

export function closeLogin(): void {
  set(false);
}

/** Whether a token is asked for. */
export function useLoginAsked(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isAsked,
  );
}
