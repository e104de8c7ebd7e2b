import { diffLines } from './diff-lines.js';
import styles from './line-diff.module.css';

export interface LineDiffProps {
  title: string;
  /** Empty: there was nothing. */
  before: string;
  after: string;
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;
const WORDS = { same: undefined, added: 'added: ', removed: 'removed: ' } as const;

/** Two texts, line by line: what is new, and what is gone. */
export function LineDiff({ title, before, after }: LineDiffProps) {
  return (
    <figure className={styles.diff}>
      <figcaption className={styles.title}>{title}</figcaption>
      <div className={styles.lines} role="group" aria-label={`Changes of ${title}`} tabIndex={0}>
        {diffLines(before, after).map(({ kind, text }, index) => (
          <div key={index} className={styles.line} data-kind={kind}>
            <span className={styles.sign} aria-hidden>
              {SIGNS[kind]}
            </span>
            {WORDS[kind] !== undefined && <span className={styles.word}>{WORDS[kind]}</span>}
            <span>{text}</span>
          </div>
        ))}
      </div>
    </figure>
  );
}
