import { Anchor, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { useMay } from '../../api/use-may.js';
import { AppLink } from '../../components/app-link.js';
import { ErrorState } from '../../components/error-state.js';
import { JsonView } from '../../components/json-view.js';
import { StatusBadge } from '../../components/status-badge.js';
import { TimeAgo } from '../../components/time-ago.js';
import { Marks } from './approval-card.js';
import { askedText, outcomeOf, questionOf, type Approval } from './approval-words.js';
import { DecideForm } from './decide-form.js';
import { Refusal } from './refusal.js';
import styles from './approvals.module.css';

/** One approval: what is asked, who has said what, and the form that decides it, for who may. */
export function ApprovalDetail({ id, onDone }: { id: string; onDone: () => void }) {
  const mayDecide = useMay('POST /api/v1/approvals/{id}/decide');
  const {
    data: approval,
    error,
    refetch,
  } = useQuery({
    queryKey: ['approvals', 'one', id],
    queryFn: () => api.GET('/api/v1/approvals/{id}', { params: { path: { id } } }).then(unwrap),
  });
  if (approval === undefined && error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (approval === undefined) return <Skeleton height={240} />;
  return (
    <Stack gap="md">
      <div>
        <Title order={2} style={{ overflowWrap: 'anywhere' }}>
          {questionOf(approval)}
        </Title>
        <Group gap="xs" mt={8}>
          <StatusBadge status={outcomeOf(approval)} />
          {approval.status === 'open' && <Marks approval={approval} />}
        </Group>
      </div>
      <Facts approval={approval} />
      {approval.details !== null && <JsonView value={approval.details} label="Details" />}
      {approval.votes.length > 0 && <Votes approval={approval} />}
      {mayDecide && approval.may_decide ? (
        <DecideForm key={approval.id} approval={approval} onDone={onDone} />
      ) : (
        approval.payload !== null && <JsonView value={approval.payload} label="Proposal" />
      )}
      <Refusal approval={approval} />
    </Stack>
  );
}

function Facts({ approval }: { approval: Approval }) {
  const { run_id: runId, node_id: node, requested_at: requestedAt, decided_by: by, decided_at: decidedAt, comment } = approval;
  return (
    <dl className={styles['facts-list']}>
      <dt>Asked</dt>
      <dd>
        <TimeAgo at={requestedAt} />
      </dd>
      <dt>Who decides</dt>
      <dd>{askedText(approval)}</dd>
      <dt>Run</dt>
      <dd>
        <Anchor component={AppLink} href={`/runs/${runId}`} size="sm" className="mono">
          {runId}
        </Anchor>{' '}
        <span className="mono">at {node}</span>
      </dd>
      {decidedAt !== null && (
        <>
          <dt>Decided</dt>
          <dd>
            {by !== null && `by ${by}, `}
            <TimeAgo at={decidedAt} />
            {comment !== null && `: ${comment}`}
          </dd>
        </>
      )}
    </dl>
  );
}

function Votes({ approval: { votes } }: { approval: Approval }) {
  return (
    <section aria-label="Votes">
      <Title order={3} mb="xs">
        Votes
      </Title>
      <ul className={styles.votes}>
        {votes.map(({ by, decision, comment, at, link_by: linkBy, superseded }) => (
          <li key={`${by} ${at}`} data-superseded={superseded || undefined}>
            <Group gap="xs">
              <StatusBadge status={decision === 'approve' ? 'approved' : 'rejected'} />
              <Text size="sm" fw={600}>
                {by}
              </Text>
              <Text size="xs" c="dimmed" ms="auto">
                {linkBy !== null && `by a link of ${linkBy} · `}
                {superseded && 'superseded · '}
                <TimeAgo at={at} />
              </Text>
            </Group>
            {comment !== null && (
              <Text size="sm" mt={4}>
                {comment}
              </Text>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
