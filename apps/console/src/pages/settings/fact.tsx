import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A name and what stands for it. */
export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <Group justify="space-between" wrap="nowrap" mih={36} gap="md">
      <Text size="sm" c="dimmed" component="span">
        {name}
      </Text>
      <Text size="sm" component="span" ta="right">
        {children}
      </Text>
    </Group>
  );
}
