import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { AppLink } from './app-link.js';
import styles from './virtual-table.module.css';

export interface Column<T> {
  key: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  /** As CSS grids have it: `120px`, `2fr`; `minmax(0, 1fr)` when absent. */
  width?: string;
  /** Figures stand to the right. */
  align?: 'right';
}

export interface VirtualTableProps<T> {
  /** What the rows are, for those who do not see the table. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  /** The page of a row. */
  rowHref?: (row: T) => string;
  /** The name of that link. */
  rowLabel?: (row: T) => string;
  /** The last rows come into view: it is time for the next page. */
  onEnd?: () => void;
  /** Which rows are there: those in view, and some to either side. */
  onView?: (first: number, last: number) => void;
}

const ROW_PX = 48;
const CARD_PX = 148;
const CARD_GAP_PX = 8;
const OVERSCAN = 12;

/** Any number of rows, of which only those in view are there. Arrow keys move between rows; on a phone each row is a card. */
export function VirtualTable<T>({ label, rows, columns, rowKey, rowHref, rowLabel, onEnd, onView }: VirtualTableProps<T>) {
  const isPhone = useMediaQuery('(max-width: 48em)') ?? false;
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (list.current !== null) setTop(list.current.getBoundingClientRect().top + window.scrollY);
  }, [rows.length, isPhone]);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (isPhone ? CARD_PX : ROW_PX),
    gap: isPhone ? CARD_GAP_PX : 0,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => rowKey(rows[index]!),
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 1) onEnd?.();
  }, [last, rows.length, onEnd]);
  useEffect(() => {
    if (last >= 0) onView?.(first, last);
  }, [first, last, onView]);

  const template = columns.map(({ width }) => width ?? 'minmax(0, 1fr)').join(' ');
  return (
    <div className={styles.table} role="table" aria-label={label} aria-rowcount={rows.length + 1} onKeyDown={moveFocus}>
      <div className={styles.head} role="rowgroup">
        <div role="row" className={styles.row} style={{ gridTemplateColumns: template }}>
          {columns.map(({ key, title, align }) => (
            <div key={key} role="columnheader" className={styles.cell} data-align={align}>
              {title}
            </div>
          ))}
        </div>
      </div>
      <div ref={list} role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start, key }) => {
          const row = rows[index]!;
          return (
            <div
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              role="row"
              aria-rowindex={index + 2}
              className={styles.row}
              data-link={rowHref !== undefined || undefined}
              style={{ gridTemplateColumns: template, transform: `translateY(${start - top}px)` }}
            >
              {columns.map((column, place) => (
                <div key={column.key} role="cell" className={styles.cell} data-align={column.align}>
                  {typeof column.title === 'string' && (
                    <span className={styles.title} aria-hidden>
                      {column.title}
                    </span>
                  )}
                  <div className={styles.content}>{column.render(row)}</div>
                  {place === 0 && rowHref !== undefined && (
                    <AppLink
                      href={rowHref(row)}
                      className={styles.link}
                      data-row-link
                      aria-label={rowLabel?.(row) ?? `Open ${rowKey(row)}`}
                    />
                  )}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Up and down from link to link of the rows. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const isLink = event.target instanceof HTMLElement && event.target.dataset['rowLink'] !== undefined;
  if (step === undefined || !isLink) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const next = links[links.indexOf(event.target as HTMLElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
