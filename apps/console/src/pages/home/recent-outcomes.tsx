import { Group, Skeleton, Text } from '@mantine/core';
import type { RunSummary } from '../../api/types.js';
import { AppLink } from '../../components/app-link.js';
import { Panel } from '../../components/panel.js';
import { lookOf, statusColor } from '../../components/status.js';
import { formatAgo, formatDuration } from '../../components/time.js';
import { useNow } from '../../components/use-now.js';
import styles from './recent-outcomes.module.css';

const SHOWN = 60;
const STEP_MS = 10_000;

/** The last runs as bars, the newest to the right: coloured by how they stand, as high as they took long. */
export function RecentOutcomes({ runs }: { runs: readonly RunSummary[] | undefined }) {
  const now = useNow(STEP_MS);
  if (runs === undefined) {
    return (
      <Panel title="Latest runs">
        <Skeleton height={64} />
      </Panel>
    );
  }
  const shown = runs.slice(0, SHOWN).toReversed();
  const longest = Math.max(1, ...shown.map((run) => spanOf(run, now)));
  return (
    <Panel title="Latest runs">
      <ol className={styles.bars} aria-label="Latest runs, the newest last">
        {shown.map((run) => {
          const span = spanOf(run, now);
          const label = `${run.workflow.name}: ${run.status}, ${formatAgo(Date.parse(run.created_at), now)}, ${formatDuration(span)}`;
          return (
            <li key={run.id} className={styles.place}>
              <AppLink href={`/runs/${encodeURIComponent(run.id)}`} className={styles.bar} aria-label={label} title={label}>
                <span
                  className={styles.fill}
                  data-moves={run.status === 'running' || undefined}
                  style={{ height: `${heightOf(span, longest)}%`, background: statusColor(run.status) }}
                />
              </AppLink>
            </li>
          );
        })}
      </ol>
      <Legend runs={shown} />
    </Panel>
  );
}

/** By the logarithm: a run of a minute and one of a day are both seen. */
function heightOf(span: number, longest: number): number {
  return 12 + (88 * Math.log1p(span)) / Math.log1p(longest);
}

function spanOf({ created_at: from, finished_at: to }: RunSummary, now: number): number {
  return Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from));
}

function Legend({ runs }: { runs: readonly RunSummary[] }) {
  const counts = Object.entries(Object.groupBy(runs, ({ status }) => status));
  return (
    <Group gap="md" mt="sm">
      {counts.map(([status, of]) => {
        const { icon: Icon } = lookOf(status);
        return (
          <Group key={status} gap={6} wrap="nowrap">
            <Icon size={14} color={statusColor(status)} aria-hidden />
            <Text size="xs" c="dimmed">
              {of.length} {status}
            </Text>
          </Group>
        );
      })}
    </Group>
  );
}
