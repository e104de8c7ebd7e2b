import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sourceText } from '../document/source-text.js';
import { DiffView } from '../diff-view.js';
import { workflowQuery } from '../workflow-queries.js';
import type { Schema } from '../document/schema-lookup.js';

export interface SaveConflictProps {
  name: string;
  /** The version that is there by now; null: no conflict. */
  newest: number | null;
  /** What was to be saved. */
  text: string;
  schema: Schema;
  onClose: () => void;
  onSaveOver: () => void;
  onTakeTheirs: (text: string) => void;
}

/** Somebody else has saved meanwhile: shows what that changed, and lets the person decide. */
export function SaveConflict({ name, newest, text, schema, onClose, onSaveOver, onTakeTheirs }: SaveConflictProps) {
  const { data } = useQuery({ ...workflowQuery(name, newest ?? undefined), enabled: newest !== null });
  const theirs = data === undefined ? null : sourceText(data, schema);
  return (
    <Modal opened={newest !== null} onClose={onClose} size="xl" title={`Version ${newest ?? ''} of ${name} is there already`}>
      <Stack gap="md">
        <Text size="sm">
          It was published while you were editing. This is what your text would change of it: red lines would go, green ones would
          come.
        </Text>
        {theirs === null ? <Skeleton h={160} /> : <DiffView before={theirs} after={text} label="What your text would change" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Go on editing
          </Button>
          <Button variant="default" disabled={theirs === null} onClick={() => theirs !== null && onTakeTheirs(theirs)}>
            Take theirs
          </Button>
          <Button onClick={onSaveOver}>Save mine as version {(newest ?? 0) + 1}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
