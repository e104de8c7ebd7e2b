import { Center, Stack, Text, ThemeIcon } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  icon: Icon;
  title: string;
  /** What to do. */
  children?: ReactNode;
  /** The button that does it. */
  action?: ReactNode;
}

/** Where there is nothing yet. */
export function EmptyState({ icon: Icon, title, children, action }: EmptyStateProps) {
  return (
    <Center mih={240} p="lg">
      <Stack align="center" gap="sm" maw={440}>
        <ThemeIcon size={56} radius={28} variant="light" color="gray">
          <Icon size={28} stroke={1.5} aria-hidden />
        </ThemeIcon>
        <Text fw={650} size="md" ta="center">
          {title}
        </Text>
        {children !== undefined && (
          <Text c="dimmed" size="sm" ta="center" component="div">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}
