import { useState, type ReactNode } from 'react';
import { CopyButton } from './copy-button.js';
import styles from './json-view.module.css';

/** How many members of one object or list are shown before asked for more. */
const PAGE = 100;
const OPEN_DEPTH = 2;

/** A JSON value as a tree that opens and closes, to be copied as a whole. */
export function JsonView({ value, label = 'JSON', maxHeight = 420 }: { value: unknown; label?: string; maxHeight?: number }) {
  return (
    <div className={styles.view}>
      <div className={styles.tree} style={{ maxHeight }} role="group" aria-label={label} tabIndex={0}>
        <Node value={value} depth={0} />
      </div>
      <div className={styles.copy}>
        <CopyButton
          value={JSON.stringify(value, null, 2) ?? ''}
          label={`Copy the ${label === 'JSON' ? label : label.toLowerCase()}`}
        />
      </div>
    </div>
  );
}

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const prefix = name === undefined ? null : <span className={styles.key}>{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div>
        {prefix}
        <Scalar value={value} />
      </div>
    );
  }
  return <Branch prefix={prefix} value={value} depth={depth} />;
}

function Branch({ prefix, value, depth }: { prefix: ReactNode; value: object; depth: number }) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(PAGE);
  const entries: [string, unknown][] = Object.entries(value);
  const brackets = Array.isArray(value) ? '[]' : '{}';
  if (entries.length === 0) {
    return (
      <div>
        {prefix}
        <span className={styles.muted}>{brackets}</span>
      </div>
    );
  }
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.summary}>
        {prefix}
        <span className={styles.muted}>
          {brackets[0]}
          {isOpen ? '' : ` ${entries.length} `}
          {isOpen ? '' : brackets[1]}
        </span>
      </summary>
      {isOpen && (
        <div className={styles.children}>
          {entries.slice(0, shown).map(([key, one]) => (
            <Node key={key} name={key} value={one} depth={depth + 1} />
          ))}
          {entries.length > shown && (
            <button type="button" onClick={() => setShown(shown + PAGE)}>
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') return <span className={styles.string}>{JSON.stringify(value)}</span>;
  if (typeof value === 'number') return <span className={styles.number}>{value}</span>;
  return <span className={styles.word}>{String(value)}</span>;
}
