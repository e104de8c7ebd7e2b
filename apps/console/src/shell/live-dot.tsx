import { Group, Text, Tooltip } from '@mantine/core';
import { useLiveState, type LiveState } from '../live/live-provider.js';

const STATES: Record<LiveState, { color: string; label: string; help: string }> = {
  live: { color: 'var(--mantine-color-teal-6)', label: 'Live', help: 'This page moves by itself.' },
  connecting: { color: 'var(--mantine-color-yellow-6)', label: 'Connecting', help: 'The live connection is being made.' },
  stale: { color: 'var(--mantine-color-red-6)', label: 'Stale', help: 'The live connection is lost; it is tried again.' },
};

/** Whether what is shown moves by itself. */
export function LiveDot() {
  const { color, label, help } = STATES[useLiveState()];
  return (
    <Tooltip label={help}>
      <Group gap={8} wrap="nowrap" px="xs" role="status" aria-label={`${label}: ${help}`}>
        <span aria-hidden style={{ width: 8, height: 8, borderRadius: '50%', background: color }} />
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {label}
        </Text>
      </Group>
    </Tooltip>
  );
}
