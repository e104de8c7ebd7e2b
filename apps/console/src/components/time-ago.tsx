import { Tooltip } from '@mantine/core';
import { formatAgo, formatInstant } from './time.js';
import { useNow } from './use-now.js';

/** How long ago an instant is (or how soon it comes), and which one when pointed at. */
export function TimeAgo({ at }: { at: string | number | null | undefined }) {
  const now = useNow();
  if (at === null || at === undefined) return <span>–</span>;
  const instant = typeof at === 'number' ? at : Date.parse(at);
  return (
    <Tooltip label={formatInstant(instant)}>
      <time dateTime={new Date(instant).toISOString()} className="figures" style={{ whiteSpace: 'nowrap' }}>
        {formatAgo(instant, now)}
      </time>
    </Tooltip>
  );
}
