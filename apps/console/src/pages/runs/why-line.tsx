import { Anchor, Text } from '@mantine/core';
import { AppLink } from '../../components/app-link.js';
import { lookOf } from '../../components/status.js';
import { TimeAgo } from '../../components/time-ago.js';
import { inLocalTime } from './local-time.js';
import styles from './run.module.css';
import { shortId, type Run } from './run-types.js';
import { SendEvent } from './send-event.js';
import { statusOf } from './status-of.js';
import type { ShownRun } from './use-run-view.js';

/** One sentence: why the run stands where it stands, or what it failed of. */
export function WhyLine({ run, shown }: { run: Run; shown: ShownRun }) {
  const status = statusOf(run, shown);
  const { color, icon: Icon } = lookOf(status);
  const { id, why, error } = run;
  const failed = error === null ? undefined : shown.view?.nodes.find((node) => node.status === 'failed');
  return (
    <div className={styles.why} data-tone={color} role="status" data-why={why.code}>
      <Icon size={20} aria-hidden />
      <div className={styles.grow}>
        <Text size="sm" fw={600} c="inherit">
          {error === null ? inLocalTime(why.sentence) : error.message}
        </Text>
        <Text size="xs" className={styles.whyMore} component="div">
          {error !== null && <span className="mono">{error.code}</span>}
          <TimeAgo at={why.since} />
          {why.until !== undefined && (
            <span>
              changes by itself <TimeAgo at={why.until} />
            </span>
          )}
          {failed !== undefined && (
            <Anchor
              component={AppLink}
              href={`/runs/${id}?node=${encodeURIComponent(failed.id)}`}
              size="xs"
              c="inherit"
              td="underline"
            >
              look at the node {failed.id}
            </Anchor>
          )}
          {why.child_run_id !== undefined && (
            <Anchor component={AppLink} href={`/runs/${why.child_run_id}`} size="xs" c="inherit" td="underline">
              open the child {shortId(why.child_run_id)}
            </Anchor>
          )}
        </Text>
      </div>
      {why.event !== undefined && <SendEvent runId={id} name={why.event} />}
    </div>
  );
}
