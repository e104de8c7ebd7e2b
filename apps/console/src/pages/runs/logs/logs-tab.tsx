import { Button, Code, Skeleton } from '@mantine/core';
import { IconArrowDown, IconFilterOff, IconMessage2Code } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useEffect, useMemo, useRef, useState, type UIEvent } from 'react';
import { EmptyState } from '../../../components/empty-state.js';
import { ErrorState } from '../../../components/error-state.js';
import { hasEnded, type Run } from '../run-types.js';
import { statusOf } from '../status-of.js';
import type { ShownRun } from '../use-run-view.js';
import { filterLines, type LogFilter, type LogLine } from './log-lines.js';
import { LogRow } from './log-row.js';
import { LogTools } from './log-tools.js';
import styles from './logs.module.css';
import { useRunLogs } from './use-run-logs.js';

const ROW = 32;
/** So near to the end counts as there. */
const NEAR_END = 24;

interface LogsTabProps {
  run: Run;
  shown: ShownRun;
  node: string | undefined;
  /** Undefined: those of all nodes. */
  onNode: (id: string | undefined) => void;
}

/** What the nodes of a run have logged, as it comes. */
export default function LogsTab({ run, shown: shownRun, node, onNode }: LogsTabProps) {
  const status = statusOf(run, shownRun);
  const isLive = !hasEnded({ status });
  const pace = !isLive ? 'ended' : status === 'waiting' || status === 'paused' ? 'parked' : 'busy';
  const { lines, isRead, error, retry } = useRunLogs(run.id, pace);
  const [own, setOwn] = useState<Omit<LogFilter, 'node'>>({ level: 'debug', text: '' });
  const filter = { ...own, node: node ?? null };
  const text = useDeferredValue(own.text);
  const shown = useMemo(() => filterLines(lines, { level: own.level, text, node: node ?? null }), [lines, own.level, text, node]);
  if (!isRead) return <Skeleton height={360} radius="lg" aria-busy aria-label="The logs are being read" />;
  if (lines.length === 0) return error === null ? <Nothing isLive={isLive} /> : <ErrorState error={error} retry={retry} />;
  const change = ({ node: picked, ...rest }: Partial<LogFilter>): void => {
    if (picked !== undefined) onNode(picked ?? undefined);
    setOwn((before) => ({ ...before, ...rest }));
  };
  return (
    <div className={styles.logs}>
      <LogTools lines={lines} shown={shown} filter={filter} isLive={isLive} onFilter={change} />
      {shown.length === 0 ? (
        <EmptyState icon={IconFilterOff} title="No line fits">
          Take a filter out, or look for another text.
        </EmptyState>
      ) : (
        <Lines lines={shown} startedAt={Date.parse(run.started_at ?? run.created_at)} isLive={isLive} onNode={onNode} />
      )}
    </div>
  );
}

interface LinesProps {
  lines: readonly LogLine[];
  startedAt: number;
  isLive: boolean;
  onNode: (id: string) => void;
}

/** Of a live run the newest line stays in sight, until somebody scrolls up. */
function Lines({ lines, startedAt, isLive, onNode }: LinesProps) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [isFollowing, setFollowing] = useState(isLive);
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => lines[index]!.n,
  });
  const last = lines.length - 1;
  const follows = isLive && isFollowing;
  useEffect(() => {
    if (follows) rows.scrollToIndex(last, { align: 'end' });
  }, [follows, last, rows]);
  const onScroll = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLDivElement>): void => {
    if (scrollTop + clientHeight >= scrollHeight - NEAR_END) setFollowing(true);
    else if (scrollTop < lastTop.current) setFollowing(false);
    lastTop.current = scrollTop;
  };
  const toggle = (n: number): void => {
    const after = new Set(open);
    if (!after.delete(n)) after.add(n);
    setOpen(after);
    // What is read should not move away.
    setFollowing(false);
  };
  return (
    <div className={styles.body}>
      <div ref={scroller} className={styles.scroller} role="group" tabIndex={0} aria-label="Lines of the log" onScroll={onScroll}>
        <ol className={styles.rows} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, key }) => {
            const line = lines[index]!;
            return (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className={styles.place}
                style={{ transform: `translateY(${start}px)` }}
              >
                <LogRow line={line} startedAt={startedAt} isOpen={open.has(line.n)} onToggle={toggle} onNode={onNode} />
              </li>
            );
          })}
        </ol>
      </div>
      {isLive && !isFollowing && (
        <Button
          className={styles.follow}
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowDown size={14} aria-hidden />}
          onClick={() => setFollowing(true)}
        >
          Follow
        </Button>
      )}
    </div>
  );
}

function Nothing({ isLive }: { isLive: boolean }) {
  return (
    <EmptyState icon={IconMessage2Code} title={isLive ? 'Nothing was logged yet' : 'Nothing was logged'}>
      <p className={styles.hint}>
        Calls of URLs, models and tools, searches, approvals and failed attempts say so here by themselves. A node of your own
        logs by its context:
      </p>
      <Code block className={styles.example}>
        {"context.log.info('Imported 3 orders', { skipped: 1 });"}
      </Code>
      <p className={styles.hint}>
        <code>RUN_LOG_LEVEL</code> says what is kept. A fork begins with no lines.
      </p>
    </EmptyState>
  );
}
