import { Badge, Button, Checkbox, Group, Paper, Text, UnstyledButton } from '@mantine/core';
import { IconArrowUpRight, IconCheck, IconClock, IconCoin, IconUserCheck, IconUsers, IconX } from '@tabler/icons-react';
import { TimeAgo } from '../../components/time-ago.js';
import { useNow } from '../../components/use-now.js';
import { askedText, questionOf, quorumText, urgencyOf, type Approval } from './approval-words.js';
import { Refusal } from './refusal.js';
import { useDecide } from './use-decide.js';
import styles from './approvals.module.css';

const MINUTE_MS = 60_000;
const URGENCY_COLORS = { past: 'var(--mantine-color-red-text)', soon: 'var(--mantine-color-orange-text)', later: undefined };

interface CardProps {
  approval: Approval;
  /** Whether who looks at it may answer approvals at all; its own `may_decide` says whether this one. */
  mayDecide: boolean | undefined;
  isSelected: boolean;
  onSelect: (isOn: boolean) => void;
  onOpen: () => void;
}

/** One that waits: what is asked, of whom, since when, and the two answers. */
export function ApprovalCard({ approval, mayDecide, isSelected, onSelect, onOpen }: CardProps) {
  const decide = useDecide(() => onSelect(false));
  const title = questionOf(approval);
  const { id, kind, node_id: node, run_id: runId, payload } = approval;
  const isMine = mayDecide && approval.may_decide;
  const answer = (decision: 'approve' | 'reject') => () => decide.mutate({ approvals: [approval], decision, comment: '' });
  const Icon = kind === 'budget' ? IconCoin : IconUserCheck;
  return (
    <Paper component="li" p="sm" className={styles.card} data-selected={isSelected || undefined} data-approval={id}>
      {isMine && (
        <Checkbox
          aria-label={`Select ${title}`}
          checked={isSelected}
          onChange={(event) => onSelect(event.currentTarget.checked)}
          className={styles.check}
        />
      )}
      {mayDecide && !isMine && <span className={styles.blank} />}
      <div className={styles.body}>
        <UnstyledButton onClick={onOpen} className={styles.title}>
          <Icon size={16} aria-hidden className={styles.icon} />
          {title}
        </UnstyledButton>
        <Group gap="6px 12px" className={styles.facts}>
          <span>
            asked <TimeAgo at={approval.requested_at} />
          </span>
          <span>{askedText(approval)}</span>
          <span className="mono">
            {node} · {runId.slice(-8)}
          </span>
          <Marks approval={approval} />
        </Group>
        {payload !== null && <Text className={styles.preview}>{preview(payload)}</Text>}
        <Refusal approval={approval} />
      </div>
      {isMine && (
        <Group gap="xs" className={styles.answers}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconX size={14} />}
            onClick={answer('reject')}
            disabled={decide.isPending}
            aria-label={`Reject ${title}`}
          >
            Reject
          </Button>
          <Button
            size="xs"
            leftSection={<IconCheck size={14} />}
            onClick={answer('approve')}
            loading={decide.isPending}
            aria-label={`Approve ${title}`}
          >
            Approve
          </Button>
        </Group>
      )}
    </Paper>
  );
}

/** Its deadline, its escalation and its quorum, where it has them. */
export function Marks({ approval }: { approval: Approval }) {
  const now = useNow(MINUTE_MS);
  const quorum = quorumText(approval);
  const urgency = urgencyOf(approval.due_at, now);
  return (
    <>
      {quorum !== null && (
        <Badge variant="default" leftSection={<IconUsers size={12} />} className={styles.mark}>
          {quorum}
        </Badge>
      )}
      {urgency !== null && (
        <Badge variant="default" leftSection={<IconClock size={12} color={URGENCY_COLORS[urgency]} />} className={styles.mark}>
          due <TimeAgo at={approval.due_at} />
        </Badge>
      )}
      {approval.escalates_at !== null && (
        <Badge variant="default" leftSection={<IconArrowUpRight size={12} />} className={styles.mark}>
          escalates <TimeAgo at={approval.escalates_at} />
        </Badge>
      )}
    </>
  );
}

function preview(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
