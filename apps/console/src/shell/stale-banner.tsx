import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { toProblemError } from '../api/problem.js';
import { meQuery } from '../api/queries.js';
import { useLiveState } from '../live/live-provider.js';

/** Says that what is shown may be old. Where a token is asked for, nothing is shown, and that is said already. */
export function StaleBanner() {
  const isStale = useLiveState() === 'stale';
  const { error } = useQuery({ ...meQuery, enabled: isStale });
  if (!isStale || (error !== null && toProblemError(error).status === 401)) return null;
  return (
    <Alert color="yellow" icon={<IconPlugConnectedX size={18} />} mb="md" title="The live connection is lost" role="status">
      What you see may be old. Baton is asked again every few seconds, and this page catches up by itself.
    </Alert>
  );
}
