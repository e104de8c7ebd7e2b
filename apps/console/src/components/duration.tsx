import { formatDuration } from './time.js';
import { useNow } from './use-now.js';

/** A span of time. With `since` instead of `ms` it grows by itself. */
export function Duration({ ms, since }: { ms?: number | null; since?: string | number }) {
  const now = useNow();
  const span = ms ?? (since === undefined ? null : Math.max(0, now - new Date(since).getTime()));
  return (
    <span className="figures" style={{ whiteSpace: 'nowrap' }}>
      {span === null ? '–' : formatDuration(span)}
    </span>
  );
}
