import { Group, Paper, Text } from '@mantine/core';
import { AppLink } from './app-link.js';
import type { ReactNode } from 'react';
import { Sparkline } from './sparkline.js';
import styles from './stat-card.module.css';

export interface StatCardProps {
  label: string;
  value: ReactNode;
  /** A line under the figure. */
  hint?: ReactNode;
  /** The figure over time. */
  trend?: readonly number[];
  /** The page that shows what is counted, with its search. */
  href?: string;
  icon?: ReactNode;
}

/** One figure. */
export function StatCard({ label, value, hint, trend, href, icon }: StatCardProps) {
  return (
    <Paper p="md" className={styles.card} data-link={href !== undefined || undefined}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm" c="dimmed" fw={500}>
          {href === undefined ? (
            label
          ) : (
            <AppLink href={href} className={styles.link}>
              {label}
            </AppLink>
          )}
        </Text>
        {icon}
      </Group>
      <Text component="div" className={styles.value}>
        {value}
      </Text>
      {hint !== undefined && (
        <Text size="xs" c="dimmed" component="div">
          {hint}
        </Text>
      )}
      {trend !== undefined && trend.length > 1 && <Sparkline values={trend} />}
    </Paper>
  );
}
