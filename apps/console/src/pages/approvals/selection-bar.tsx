import { Button, CloseButton, Group, Paper, Text, TextInput } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Approval, Choice } from './approval-words.js';
import { useDecide } from './use-decide.js';
import styles from './approvals.module.css';

/** Decides all that are selected, with one comment. */
export function SelectionBar({ approvals, onClear }: { approvals: readonly Approval[]; onClear: () => void }) {
  const [comment, setComment] = useState('');
  const decide = useDecide(onClear);
  const answer = (decision: Choice) => () => decide.mutate({ approvals, decision, comment });
  return (
    <Paper p="sm" className={styles.bar} role="region" aria-label="Selected approvals">
      <Group gap="sm">
        <CloseButton aria-label="Select none" onClick={onClear} />
        <Text fw={600} aria-live="polite">
          {approvals.length} selected
        </Text>
        <TextInput
          aria-label="Comment"
          placeholder="Comment for all of them"
          size="xs"
          maxLength={5_000}
          flex="1 1 280px"
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconX size={14} />}
          disabled={decide.isPending}
          onClick={answer('reject')}
        >
          Reject all
        </Button>
        <Button size="xs" leftSection={<IconCheck size={14} />} loading={decide.isPending} onClick={answer('approve')}>
          Approve all
        </Button>
      </Group>
    </Paper>
  );
}
