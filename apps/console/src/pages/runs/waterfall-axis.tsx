import { formatDuration } from '../../components/time.js';
import { ticksOf, type TimeWindow } from './view/time-window.js';
import styles from './waterfall.module.css';

/** The time since the first node began. */
export function WaterfallAxis({ seen, origin }: { seen: TimeWindow; origin: number }) {
  const span = seen.to - seen.from;
  return (
    <div className={styles.axis} aria-hidden>
      <div className={styles.track}>
        {ticksOf(seen, origin, 8).map((tick) => (
          <span key={tick} className={styles.tick} style={{ insetInlineStart: `${(100 * (tick - seen.from)) / span}%` }}>
            {formatDuration(tick - origin)}
          </span>
        ))}
      </div>
    </div>
  );
}
