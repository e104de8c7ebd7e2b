import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { IconArrowsMaximize, IconChartArrowsVertical, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { EmptyState } from '../../components/empty-state.js';
import { useNow } from '../../components/use-now.js';
import { useWheelZoom } from './use-wheel-zoom.js';
import type { RunView } from './view/run-fold.js';
import { rowsOf } from './view/spans.js';
import { panned, zoomed, type TimeWindow } from './view/time-window.js';
import { WaterfallAxis } from './waterfall-axis.js';
import { WaterfallRow } from './waterfall-row.js';
import styles from './waterfall.module.css';

export interface WaterfallProps {
  view: RunView;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

const ROW_PX = 36;
const STEP = 0.6;

/** What each node did, when: attempts, waits and pauses along one axis of time, to be zoomed. */
export default function Waterfall({ view, selected, onSelect }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(view.nodes), [view]);
  const now = useNow();
  const whole = wholeOf(view, rows[0]?.from, now);
  const [zoom, setZoom] = useState<TimeWindow | null>(null);
  const seen = zoom ?? whole;
  const change = (made: TimeWindow): void => setZoom(made.from <= whole.from && made.to >= whole.to ? null : made);
  useWheelZoom(
    scroller,
    (factor, at) => change(zoomed(seen, factor, at, whole)),
    (share) => change(panned(seen, share, whole)),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  if (rows.length === 0) {
    return (
      <EmptyState icon={IconChartArrowsVertical} title="No node has begun yet">
        The line above says what the run waits for.
      </EmptyState>
    );
  }
  const press = (event: KeyboardEvent): void => {
    const made = pressed(event.key, seen, whole);
    if (made === undefined || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    change(made ?? whole);
  };
  return (
    <div className={styles.waterfall}>
      <Group className={styles.tools} gap={4}>
        <Text size="xs" c="dimmed" mr="auto" visibleFrom="sm">
          Ctrl and the wheel zoom, shift and the wheel go along; so do + − ← →
        </Text>
        <Tool label="Zoom in" icon={IconZoomIn} onClick={() => change(zoomed(seen, STEP, 0.5, whole))} />
        <Tool label="Zoom out" icon={IconZoomOut} onClick={() => change(zoomed(seen, 1 / STEP, 0.5, whole))} />
        <Tool label="Show the whole time" icon={IconArrowsMaximize} onClick={() => setZoom(null)} />
      </Group>
      <div
        ref={scroller}
        className={styles.scroller}
        role="group"
        tabIndex={0}
        aria-label="Timeline of the nodes"
        onKeyDown={press}
      >
        <WaterfallAxis seen={seen} origin={whole.from} />
        <ul className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const { node, spans } = rows[index]!;
            return (
              <li key={node.id} className={styles.place} style={{ transform: `translateY(${start}px)` }}>
                <WaterfallRow
                  {...{ node, spans, seen }}
                  hasEnded={view.hasEnded}
                  end={view.hasEnded ? whole.to : now}
                  isSelected={node.id === selected}
                  onSelect={onSelect}
                />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function Tool({ label, icon: Icon, onClick }: { label: string; icon: typeof IconZoomIn; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size="md" aria-label={label} onClick={onClick}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** From when the first node began to the end, or now, with a little room behind. */
function wholeOf({ hasEnded, firstAt, lastAt }: RunView, begun: number | undefined, now: number): TimeWindow {
  const from = begun ?? firstAt ?? now;
  const to = Math.max(from + 20, hasEnded ? (lastAt ?? now) : Math.max(now, lastAt ?? now));
  return { from, to: to + (to - from) * 0.02 };
}

/** Null: the whole time. */
function pressed(key: string, seen: TimeWindow, whole: TimeWindow): TimeWindow | null | undefined {
  if (key === '+' || key === '=') return zoomed(seen, STEP, 0.5, whole);
  if (key === '-') return zoomed(seen, 1 / STEP, 0.5, whole);
  if (key === '0') return null;
  if (key === 'ArrowLeft') return panned(seen, -0.25, whole);
  return key === 'ArrowRight' ? panned(seen, 0.25, whole) : undefined;
}
