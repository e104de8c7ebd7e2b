const KEY = 'baton.token';
const listeners = new Set<() => void>();

/** The token that calls carry; null: none is set. It stays in this browser. */
export function readToken(): string | null {
  return localStorage.getItem(KEY);
}

/** Sets or, with null, forgets it. */
export function keepToken(token: string | null): void {
  if (token === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, token);
  for (const listener of listeners) listener();
}

/** @returns ends it */
export function onTokenChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
