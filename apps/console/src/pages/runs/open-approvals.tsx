import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { useLiveTopic } from '../../live/use-live-topic.js';
import { ApprovalCard } from './approval-card.js';

/** What this run asks of people now. */
export function OpenApprovals({ runId }: { runId: string }) {
  useLiveTopic('approvals');
  const { data } = useQuery({
    queryKey: ['approvals', { runId }],
    queryFn: () => api.GET('/api/v1/approvals', { params: { query: { run_id: runId, limit: 50 } } }).then(unwrap),
  });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-label="Open approvals">
      {data.items.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
    </Stack>
  );
}
