import { Group, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { refusalText, type Approval } from './approval-words.js';

/** Why one that waits is not answered by who looks at it; nothing where it is, or waits no more. */
export function Refusal({ approval: { status, refusal } }: { approval: Pick<Approval, 'status' | 'refusal'> }) {
  if (status !== 'open' || refusal === null) return null;
  return (
    <Group gap={6} mt={6} wrap="nowrap" align="flex-start" c="dimmed">
      <IconLock size={14} aria-hidden style={{ flex: 'none', marginBlockStart: 2 }} />
      <Text size="xs">{refusalText(refusal)}</Text>
    </Group>
  );
}
