import { Group, Text } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

/** A line instead of a list. */
export function NothingHere({ icon: Icon, children }: { icon: Icon; children: string }) {
  return (
    <Group gap="sm" mih={52} wrap="nowrap" c="dimmed">
      <Icon size={20} stroke={1.5} aria-hidden />
      <Text size="sm">{children}</Text>
    </Group>
  );
}
