import { lookOf } from './status.js';
import styles from './status-badge.module.css';

/** A status by colour, icon and word. */
export function StatusBadge({ status, label = status }: { status: string; label?: string }) {
  const { color, icon: Icon, spins } = lookOf(status);
  return (
    <span className={styles.badge} data-tone={color} data-status={status}>
      <Icon size={14} stroke={2} aria-hidden className={spins ? styles.spin : undefined} />
      {label.replaceAll('_', ' ')}
    </span>
  );
}
