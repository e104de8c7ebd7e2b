import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './run.module.css';

/** A part of a panel under its small heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <Title order={3} className={styles.sectionTitle}>
        {title}
      </Title>
      {children}
    </section>
  );
}
