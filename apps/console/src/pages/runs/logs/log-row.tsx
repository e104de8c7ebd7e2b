import { IconAlertTriangle, IconBug, IconChevronRight, IconCircleX, IconInfoCircle, type Icon } from '@tabler/icons-react';
import { CopyButton } from '../../../components/copy-button.js';
import { JsonView } from '../../../components/json-view.js';
import { formatInstant } from '../../../components/time.js';
import { copiedText, instantOf, moreText, offsetOf, triesText, type LogLevel, type LogLine } from './log-lines.js';
import styles from './logs.module.css';

const LOOKS: Readonly<Record<LogLevel, { tone: string; icon: Icon }>> = {
  debug: { tone: 'gray', icon: IconBug },
  info: { tone: 'blue', icon: IconInfoCircle },
  warn: { tone: 'orange', icon: IconAlertTriangle },
  error: { tone: 'red', icon: IconCircleX },
};

interface LogRowProps {
  line: LogLine;
  startedAt: number;
  isOpen: boolean;
  onToggle: (n: number) => void;
  onNode: (id: string) => void;
}

/** What a node has said, in a line, and whole when it is opened. */
export function LogRow({ line, startedAt, isOpen, onToggle, onNode }: LogRowProps) {
  const { n, level, node_id: node, message, fields } = line;
  const { tone, icon: LevelIcon } = LOOKS[level];
  const tries = triesText(line);
  const instant = formatInstant(instantOf(line));
  return (
    <div data-level={level} data-tone={tone}>
      <button type="button" className={styles.row} aria-expanded={isOpen} onClick={() => onToggle(n)}>
        <IconChevronRight size={14} className={styles.chevron} aria-hidden />
        <span className={`figures ${styles.at}`} title={instant}>
          {offsetOf(line, startedAt)}
        </span>
        <span className={styles.level}>
          <LevelIcon size={14} aria-hidden />
          {level}
        </span>
        <span className={styles.node}>
          {node}
          {tries !== '' && <span className={styles.dim}> {tries}</span>}
        </span>
        <span className={styles.message}>
          {message}
          {fields !== null && <span className={styles.fields}>{moreText(line)}</span>}
        </span>
      </button>
      {isOpen && (
        <div className={styles.whole}>
          <div className={styles.said}>
            <p>{message}</p>
            <CopyButton value={copiedText([line])} label="Copy the line" />
          </div>
          {fields !== null && <JsonView value={fields} label="Fields" maxHeight={320} />}
          <p className={styles.dim}>
            {instant}, node{' '}
            <button type="button" className={styles.pick} onClick={() => onNode(node)}>
              {node}
            </button>
            {tries !== '' && `, ${tries}`}
          </p>
        </div>
      )}
    </div>
  );
}
