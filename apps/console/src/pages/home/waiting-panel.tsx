import { Anchor, Text } from '@mantine/core';
import { IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { approvalsQuery } from '../../api/queries.js';
import { AppLink } from '../../components/app-link.js';
import { ErrorState } from '../../components/error-state.js';
import { Panel } from '../../components/panel.js';
import { RowSkeletons } from '../../components/row-skeletons.js';
import { TimeAgo } from '../../components/time-ago.js';
import { questionOf, type Approval } from '../approvals/approval-words.js';
import { NothingHere } from './nothing-here.js';
import styles from './rows.module.css';

const SHOWN = 5;

/** What people are asked, what has waited longest first; what others are asked comes after it. */
export function WaitingPanel() {
  const { data, error, refetch } = useQuery(approvalsQuery);
  return (
    <Panel
      title="Waits for you"
      actions={
        <Anchor component={Link} to="/approvals" size="sm">
          Inbox
        </Anchor>
      }
    >
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <RowSkeletons rows={2} />}
      {data?.items.length === 0 && <NothingHere icon={IconUserCheck}>Nobody is asked for a decision.</NothingHere>}
      {data?.items
        .toSorted(mineFirst)
        .slice(0, SHOWN)
        .map((approval) => (
          <div key={approval.id} className={styles.row}>
            <div className={styles.what}>
              <AppLink href={`/approvals?approval=${encodeURIComponent(approval.id)}`} className={styles.link}>
                {questionOf(approval)}
              </AppLink>
              <Text size="xs" c="dimmed" truncate>
                {approval.kind === 'budget' ? 'more budget' : `step ${approval.node_id}`}
                {!approval.may_decide && ' · for others'}
                {approval.due_at !== null && (
                  <>
                    {' · due '}
                    <TimeAgo at={approval.due_at} />
                  </>
                )}
              </Text>
            </div>
            <Text size="xs" c="dimmed" component="span">
              <TimeAgo at={approval.requested_at} />
            </Text>
          </div>
        ))}
    </Panel>
  );
}

function mineFirst(a: Approval, b: Approval): number {
  return Number(b.may_decide) - Number(a.may_decide);
}
