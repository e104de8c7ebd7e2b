import { Anchor, Progress, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { AppLink } from '../../components/app-link.js';
import { Duration } from '../../components/duration.js';
import { lookOf } from '../../components/status.js';
import { TimeAgo } from '../../components/time-ago.js';
import { formatMoney } from './money.js';
import styles from './run.module.css';
import { hasEnded, shortId, type Run } from './run-types.js';
import type { ShownRun } from './use-run-view.js';
import { countStatuses } from './view/graph-nodes.js';

/** What is worth knowing at a glance: how far it is, since when, at what cost, and what it belongs to. */
export function RunFacts({ run, shown: { view } }: { run: Run; shown: ShownRun }) {
  const { metrics, usage, progress } = run;
  const started = run.started_at;
  return (
    <div className={styles.facts}>
      <div className={styles.progress}>
        <Text size="xs" c="dimmed" fw={500} mb={6} className="figures">
          {progress.settled} of {progress.total} nodes settled
        </Text>
        {view !== null && <NodeBar counts={countStatuses(view)} total={view.nodes.length} />}
      </div>
      <dl className={styles.list}>
        <Fact name="Accepted">
          <TimeAgo at={run.created_at} />
        </Fact>
        <Fact name="Duration">
          {started === null || hasEnded(run) ? <Duration ms={metrics.duration_ms} /> : <Duration since={started} />}
        </Fact>
        <Fact name="Attempts">
          {metrics.attempts}
          {metrics.failed_attempts > 0 && (
            <Text span size="xs" c="dimmed">
              {' '}
              {metrics.failed_attempts} failed
            </Text>
          )}
        </Fact>
        {usage.model_calls > 0 && <Fact name="Cost">{formatMoney(usage.cost_micros)}</Fact>}
        {run.worker_id !== null && (
          <Fact name="Worker">
            <span className="mono">{run.worker_id}</span>
          </Fact>
        )}
        {run.task_id !== null && (
          <Link name="Task" href={`/tasks/${encodeURIComponent(run.task_id)}`} text={shortId(run.task_id)} />
        )}
        {run.parent !== null && (
          <Link
            name="Child of"
            href={`/runs/${run.parent.run_id}?node=${run.parent.node_id}`}
            text={shortId(run.parent.run_id)}
          />
        )}
        {run.forked_from !== null && <Link name="Fork of" href={`/runs/${run.forked_from}`} text={shortId(run.forked_from)} />}
        {run.continued_from !== null && (
          <Link name="Goes on from" href={`/runs/${run.continued_from}`} text={shortId(run.continued_from)} />
        )}
        {run.continued_as !== null && (
          <Link name="Goes on as" href={`/runs/${run.continued_as}`} text={shortId(run.continued_as)} />
        )}
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figures">{children}</dd>
    </div>
  );
}

function Link({ name, href, text }: { name: string; href: string; text: string }) {
  return (
    <Fact name={name}>
      <Anchor component={AppLink} href={href} size="sm" className="mono">
        {text}
      </Anchor>
    </Fact>
  );
}

/** All nodes by how they stand: by colour here, in words when pointed at and for those who do not see it. */
function NodeBar({ counts, total }: { counts: readonly { status: string; count: number }[]; total: number }) {
  const words = counts.map(({ status, count }) => `${count} ${status}`).join(', ');
  return (
    <Tooltip label={words}>
      <Progress.Root size={10} radius="xl" role="img" aria-label={words}>
        {counts.map(({ status, count }) => (
          <span
            key={status}
            className={styles.segment}
            data-tone={lookOf(status).color}
            data-faint={status === 'pending' || status === 'planned' || undefined}
            style={{ width: `${(100 * count) / total}%` }}
          />
        ))}
      </Progress.Root>
    </Tooltip>
  );
}
