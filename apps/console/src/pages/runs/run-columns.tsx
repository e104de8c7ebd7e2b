import { Checkbox, Text } from '@mantine/core';
import { Duration } from '../../components/duration.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import type { Column } from '../../components/virtual-table.js';
import { inLocalTime } from './local-time.js';
import styles from './runs.module.css';
import { hasEnded, shortId, type RunRow } from './run-types.js';
import type { Selection } from './use-selection.js';

/** What the list says of a run, and the box by which it is picked; null: none is. */
export function runColumns(rows: readonly RunRow[], selection: Selection | null): Column<RunRow>[] {
  return [
    ...(selection === null ? [] : [pickColumn(rows, selection)]),
    {
      key: 'run',
      title: 'Run',
      width: 'minmax(160px, 1.1fr)',
      render: ({ id, workflow }) => (
        <span className={styles.run}>
          <span className={styles.name}>{workflow.name}</span>
          <span className={`mono ${styles.small}`}>{shortId(id)}</span>
        </span>
      ),
    },
    { key: 'status', title: 'Status', width: '136px', render: ({ status }) => <StatusBadge status={status} /> },
    {
      key: 'why',
      title: 'Why it stands where it stands',
      width: 'minmax(0, 2fr)',
      render: ({ why, error }) => {
        if (error !== undefined) return <Failed code={error.code} message={error.message} />;
        return (
          why !== undefined && (
            <Text size="sm" c="dimmed" lineClamp={2} lh={1.35}>
              {inLocalTime(why.sentence)}
            </Text>
          )
        );
      },
    },
    { key: 'started', title: 'Accepted', width: '112px', align: 'right', render: ({ created_at: at }) => <TimeAgo at={at} /> },
    { key: 'took', title: 'Duration', width: '104px', align: 'right', render: (run) => <Took run={run} /> },
  ];
}

function pickColumn(rows: readonly RunRow[], { ids, toggle, set }: Selection): Column<RunRow> {
  const isAll = rows.length > 0 && rows.every(({ id }) => ids.has(id));
  return {
    key: 'pick',
    width: '20px',
    title: (
      <Checkbox
        size="xs"
        aria-label="Pick all runs that are shown"
        checked={isAll}
        indeterminate={!isAll && ids.size > 0}
        onChange={() => set(isAll ? [] : rows.map(({ id }) => id))}
      />
    ),
    render: ({ id, workflow }) => (
      <Checkbox
        size="xs"
        aria-label={`Pick the run ${shortId(id)} of ${workflow.name}`}
        checked={ids.has(id)}
        onChange={({ currentTarget }) => toggle(id, currentTarget.checked)}
      />
    ),
  };
}

function Failed({ code, message }: { code: string; message: string }) {
  return (
    <Text size="sm" c="dimmed" lineClamp={2} lh={1.35} data-tone="red" title={message}>
      <span className={`mono ${styles.code}`}>{code}</span> {message}
    </Text>
  );
}

function Took({ run }: { run: RunRow }) {
  const { started_at: from, finished_at: to } = run;
  if (from === null) return <Duration ms={null} />;
  if (to === null && !hasEnded(run)) return <Duration since={from} />;
  return <Duration ms={to === null ? null : Date.parse(to) - Date.parse(from)} />;
}
