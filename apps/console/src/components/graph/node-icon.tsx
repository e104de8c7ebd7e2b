import { lookOf } from '../status.js';
import styles from './graph.module.css';

/** The sign of a state, in the colour of its text. */
export function NodeIcon({ status, size = 16 }: { status: string; size?: number }) {
  const { icon: Icon, spins } = lookOf(status);
  return <Icon size={size} stroke={2} aria-hidden className={spins ? styles.spin : undefined} />;
}
