import { Text, UnstyledButton } from '@mantine/core';
import { Fragment, useMemo, useState } from 'react';
import { diffLines, foldSame, type DiffLine } from './document/text-diff.js';
import styles from './diff-view.module.css';

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;
const WORDS = { same: '', added: 'added', removed: 'removed' } as const;

/** What turns one text into another, line by line; what stays the same is put away until it is asked for. */
export function DiffView({ before, after, label }: { before: string; after: string; label: string }) {
  const parts = useMemo(() => foldSame(diffLines(before, after)), [before, after]);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  if (before === after) {
    return (
      <Text size="sm" c="dimmed">
        The texts are the same.
      </Text>
    );
  }
  return (
    <div className={styles.diff} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <tbody>
          {parts.map((part, index) => {
            if (part.kind !== 'gap') return <Line key={index} line={part} />;
            if (opened.has(index))
              return (
                <Fragment key={index}>
                  {part.lines.map((line) => (
                    <Line key={line.before} line={line} />
                  ))}
                </Fragment>
              );
            return (
              <tr key={index} className={styles.gap}>
                <td colSpan={4}>
                  <UnstyledButton onClick={() => setOpened(new Set([...opened, index]))}>
                    {part.lines.length} lines that are the same
                  </UnstyledButton>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Line({ line: { kind, text, before, after } }: { line: DiffLine }) {
  return (
    <tr data-kind={kind}>
      <td className={styles.number}>{before}</td>
      <td className={styles.number}>{after}</td>
      <td className={styles.sign} aria-label={WORDS[kind]}>
        {SIGNS[kind]}
      </td>
      <td className={styles.text}>{text}</td>
    </tr>
  );
}
