import { IconChevronRight } from '@tabler/icons-react';
import { JsonView } from '../../components/json-view.js';
import { lookOf } from '../../components/status.js';
import { formatDuration, formatInstant } from '../../components/time.js';
import type { RunEvent } from '../../live/protocol.js';
import styles from './journal.module.css';
import { PayloadLinks } from './payload-links.js';
import { eventLine, eventStatus } from './view/event-line.js';

export interface JournalRowProps {
  event: RunEvent;
  startedAt: number;
  isOpen: boolean;
  onToggle: (seq: number) => void;
}

/** An event in a line, and whole when it is opened. */
export function JournalRow({ event, startedAt, isOpen, onToggle }: JournalRowProps) {
  const { seq, type, node_id: node, visit, attempt, at } = event;
  const instant = Date.parse(at);
  const tries = [visit > 1 && `visit ${visit}`, attempt > 1 && `try ${attempt}`].filter(Boolean).join(', ');
  return (
    <>
      <button type="button" className={styles.row} aria-expanded={isOpen} onClick={() => onToggle(seq)}>
        <IconChevronRight size={14} className={styles.chevron} aria-hidden />
        <span className={`figures ${styles.seq}`}>{seq}</span>
        <span className={`figures ${styles.at}`} title={formatInstant(instant)}>
          +{formatDuration(Math.max(0, instant - startedAt))}
        </span>
        <span className={`mono ${styles.type}`} data-tone={lookOf(eventStatus(type)).color}>
          {type}
        </span>
        <span className={styles.node}>
          {node}
          {tries !== '' && <span className={styles.tries}> {tries}</span>}
        </span>
        <span className={styles.line}>{eventLine(event)}</span>
      </button>
      {isOpen && (
        <div className={styles.whole}>
          <JsonView value={event} label={`Event ${seq}`} maxHeight={360} />
          <PayloadLinks value={event.payload} />
        </div>
      )}
    </>
  );
}
