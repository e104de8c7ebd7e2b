import { Group, Skeleton, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { CopyButton } from '../../../components/copy-button.js';
import type { DefinitionSchemas } from '../document/schema-lookup.js';
import styles from './definition-view.module.css';

const YamlEditor = lazy(() => import('../editor/yaml-editor.js'));

/** The text of a version, to be read. */
export function DefinitionView({ text, schemas }: { text: string; schemas: DefinitionSchemas }) {
  return (
    <div className={styles.frame}>
      <Group justify="space-between" className={styles.head}>
        <Text size="sm" c="dimmed">
          A version never changes: edit it to publish the next one.
        </Text>
        <CopyButton value={text} label="Copy the definition" />
      </Group>
      <div className={styles.text}>
        <Suspense fallback={<Skeleton h={320} />}>
          <YamlEditor label="Definition in YAML" {...{ text, schemas }} />
        </Suspense>
      </div>
    </div>
  );
}
