import { Text } from '@mantine/core';
import { Duration } from '../../components/duration.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { useNow } from '../../components/use-now.js';
import styles from './run.module.css';
import { Section } from './section.js';
import type { AttemptView, NodeView, WaitView } from './view/node-view.js';

/** As many of the last attempts as a panel shows. */
const SHOWN = 20;

/** The attempts and waits of a node, the last one first. */
export function NodeAttempts({ node: { attempts, waits, undoing } }: { node: NodeView }) {
  const waiting = waits.findLast(({ endedAt }) => endedAt === null);
  return (
    <>
      {waiting !== undefined && <Waiting wait={waiting} />}
      {attempts.length > 0 && <Attempts title="Attempts" attempts={attempts} />}
      {undoing.length > 0 && <Attempts title="Undoing" attempts={undoing} />}
    </>
  );
}

function Waiting({ wait: { reason, since, until } }: { wait: WaitView }) {
  return (
    <Section title="Waits">
      <Text size="sm">
        {reason}, <TimeAgo at={since} />
        {until !== null && (
          <>
            , goes on by itself <TimeAgo at={until} />
          </>
        )}
      </Text>
    </Section>
  );
}

function Attempts({ title, attempts }: { title: string; attempts: readonly AttemptView[] }) {
  const shown = attempts.slice(-SHOWN).toReversed();
  return (
    <Section title={attempts.length > SHOWN ? `${title}, the last ${SHOWN}` : title}>
      <ol className={styles.attempts}>
        {shown.map((attempt) => (
          <li key={`${attempt.visit} ${attempt.attempt} ${attempt.startedAt}`}>
            <span className="figures">{attempt.visit > 1 ? `${attempt.visit}.${attempt.attempt}` : attempt.attempt}</span>
            <StatusBadge status={attempt.outcome ?? 'running'} />
            <span className={styles.attemptMore}>
              {attempt.pool !== null && <span>in {attempt.pool}</span>}
              <Took attempt={attempt} />
            </span>
            {attempt.error !== null && (
              <Text size="xs" className={styles.attemptError}>
                <span className="mono">{attempt.error.code}</span> {attempt.error.message}
                {attempt.retryAt !== null && (
                  <>
                    {' '}
                    <NextTry at={attempt.retryAt} />
                  </>
                )}
              </Text>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** Of an attempt that has been followed, and of one that nobody takes up, the instant has passed. */
function NextTry({ at }: { at: number }) {
  return (
    <>
      {at > useNow() ? 'Next try' : 'The next try was due'} <TimeAgo at={at} />.
    </>
  );
}

function Took({ attempt: { startedAt, endedAt } }: { attempt: AttemptView }) {
  return endedAt === null ? <Duration since={startedAt} /> : <Duration ms={endedAt - startedAt} />;
}
