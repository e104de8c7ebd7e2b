import { Chip, Group, TextInput } from '@mantine/core';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { EmptyState } from '../../components/empty-state.js';
import type { RunEvent } from '../../live/protocol.js';
import { JournalRow } from './journal-row.js';
import styles from './journal.module.css';
import { EVENT_GROUPS, filterEvents } from './view/event-line.js';

/** All that has happened to a run, event by event, as it was written. It grows by itself. */
export default function Journal({ events }: { events: readonly RunEvent[] }) {
  const [groups, setGroups] = useState<string[]>([]);
  const [text, setText] = useState('');
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const wanted = useDeferredValue(text);
  const shown = useMemo(() => filterEvents(events, { groups, text: wanted }), [events, groups, wanted]);
  const present = useMemo(() => new Set(events.map(({ type }) => type.split('.')[0]!)), [events]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 36,
    overscan: 12,
    getItemKey: (index) => shown[index]!.seq,
  });
  const toggle = (seq: number): void => {
    const after = new Set(open);
    if (!after.delete(seq)) after.add(seq);
    setOpen(after);
  };
  const startedAt = events[0] === undefined ? 0 : Date.parse(events[0].at);
  return (
    <div className={styles.journal}>
      <Group className={styles.tools} gap="xs">
        <TextInput
          size="xs"
          w={220}
          aria-label="Find in the journal"
          placeholder="Node, type or text"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Chip.Group multiple value={groups} onChange={setGroups}>
          <Group gap={6}>
            {EVENT_GROUPS.filter(({ key }) => present.has(key)).map(({ key, label }) => (
              <Chip key={key} value={key} size="xs">
                {label}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <span className={`figures ${styles.count}`} role="status">
          {shown.length === events.length ? `${events.length} events` : `${shown.length} of ${events.length} events`}
        </span>
      </Group>
      {shown.length === 0 && events.length > 0 ? (
        <EmptyState icon={IconFilterOff} title="No event fits">
          Take a filter out, or look for another text.
        </EmptyState>
      ) : (
        <div ref={scroller} className={styles.scroller} role="group" tabIndex={0} aria-label="Events">
          <ol className={styles.rows} style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map(({ index, start, key }) => {
              const event = shown[index]!;
              return (
                <li
                  key={key}
                  ref={rows.measureElement}
                  data-index={index}
                  className={styles.place}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <JournalRow event={event} startedAt={startedAt} isOpen={open.has(event.seq)} onToggle={toggle} />
                </li>
              );
            })}
          </ol>
        </div>
      )}
    </div>
  );
}
