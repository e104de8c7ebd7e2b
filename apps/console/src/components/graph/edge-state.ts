const BUSY: ReadonlySet<string | undefined> = new Set(['running', 'dispatched', 'retrying', 'waiting']);

/** An edge is lit once its first end is done, and shines while its other end is in work. */
export function litBy(from: string | undefined, to: string | undefined): 'active' | 'lit' | 'dark' {
  if (BUSY.has(to)) return 'active';
  return from === 'completed' ? 'lit' : 'dark';
}
