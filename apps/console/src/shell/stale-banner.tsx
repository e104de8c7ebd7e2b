import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useLiveState } from '../live/live-provider.js';

/** Says that what is shown may be old. */
export function StaleBanner() {
  if (useLiveState() !== 'stale') return null;
  return (
    <Alert color="yellow" icon={<IconPlugConnectedX size={18} />} mb="md" title="The live connection is lost" role="status">
      What you see may be old. Baton is asked again every few seconds, and this page catches up by itself.
    </Alert>
  );
}
