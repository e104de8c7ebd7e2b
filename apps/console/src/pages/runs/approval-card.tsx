import { Box, Button, Group, Paper, Text, TextInput } from '@mantine/core';
import { IconCheck, IconUserQuestion, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client.js';
import { useMay } from '../../api/use-may.js';
import { ErrorState } from '../../components/error-state.js';
import { JsonView } from '../../components/json-view.js';
import { TimeAgo } from '../../components/time-ago.js';
import { questionOf } from '../approvals/approval-words.js';
import { Refusal } from '../approvals/refusal.js';
import styles from './run.module.css';
import type { OpenApproval } from './run-types.js';

/** What a run asks, to be decided in place. To approve something else than what is proposed, there is the page of approvals. */
export function ApprovalCard({ approval }: { approval: OpenApproval }) {
  const { id, node_id: node, requested_at: since, due_at: due, approvals, payload, details } = approval;
  const title = questionOf(approval);
  const [comment, setComment] = useState('');
  const queries = useQueryClient();
  const mayDecide = useMay('POST /api/v1/approvals/{id}/decide');
  const decide = useMutation({
    mutationFn: (decision: 'approve' | 'reject') => {
      const body = { decision, ...(comment.trim() !== '' && { comment: comment.trim() }) };
      return api.POST('/api/v1/approvals/{id}/decide', { params: { path: { id } }, body }).then(unwrap);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['approvals'] }),
  });
  const shown = payload ?? details;
  const act = (decision: 'approve' | 'reject') => ({
    onClick: () => decide.mutate(decision),
    loading: decide.isPending && decide.variables === decision,
  });
  return (
    <Paper p="md" className={styles.approval} data-tone="yellow" aria-label={title} component="article">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <IconUserQuestion size={22} className={styles.toned} aria-hidden />
        <div className={styles.grow}>
          <Text fw={600}>{title}</Text>
          <Text size="xs" c="dimmed" component="div">
            <span className="mono">{node}</span> asked <TimeAgo at={since} />
            {due !== null && (
              <>
                , until <TimeAgo at={due} />
              </>
            )}
            {approvals.needed > 1 && `, ${approvals.given} of ${approvals.needed} approvals given`}
          </Text>
          {shown !== null && (
            <Box mt="xs">
              <JsonView value={shown} label="What is to be approved" maxHeight={200} />
            </Box>
          )}
          {decide.isError && <ErrorState error={decide.error} />}
          {mayDecide && approval.may_decide && (
            <Group gap="xs" mt="sm">
              <TextInput
                size="sm"
                className={styles.grow}
                miw={160}
                aria-label="Comment"
                placeholder="Comment, if you like"
                value={comment}
                onChange={({ currentTarget }) => setComment(currentTarget.value)}
              />
              <Button color="teal.9" leftSection={<IconCheck size={16} aria-hidden />} {...act('approve')}>
                Approve
              </Button>
              <Button color="red" variant="light" leftSection={<IconX size={16} aria-hidden />} {...act('reject')}>
                Reject
              </Button>
            </Group>
          )}
          <Refusal approval={approval} />
        </div>
      </Group>
    </Paper>
  );
}
