import { Button, FileButton, Group, Paper, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconFileUpload } from '@tabler/icons-react';
import { useState, type DragEvent } from 'react';
import { useMay } from '../../api/use-may.js';
import { hasEnded } from './upload-list.js';
import { UploadRow } from './upload-row.js';
import { useUploads } from './use-uploads.js';
import styles from './documents.module.css';

/** Takes files, dropped or chosen, and shows what becomes of each. */
export function UploadArea() {
  const queries = useQueryClient();
  const { uploads, add, clear, setState } = useUploads();
  const mayAdd = useMay('POST /api/v1/ingest');
  const [isOver, setOver] = useState(false);
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    add([...event.dataTransfer.files]);
  };
  return (
    <>
      {mayAdd && (
        <div
          className={styles.drop}
          data-over={isOver || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <IconFileUpload size={28} stroke={1.5} aria-hidden />
          <div>
            <Text fw={600}>Drop files here</Text>
            <Text size="sm" c="dimmed">
              PDF, HTML, DOCX, Markdown and text. Equal texts are kept once.
            </Text>
          </div>
          <FileButton multiple onChange={add} inputProps={{ 'aria-label': 'Files' }}>
            {(props) => (
              <Button {...props} variant="light" ms="auto">
                Choose files
              </Button>
            )}
          </FileButton>
        </div>
      )}
      {uploads.length > 0 && (
        <Paper p="sm" mt="sm" component="section" aria-label="Uploads">
          <Group justify="space-between" mb={4}>
            <Text size="sm" fw={600}>
              {uploads.filter(({ state }) => hasEnded(state)).length} of {uploads.length} done
            </Text>
            <Button variant="subtle" size="compact-xs" onClick={clear} disabled={!uploads.some(({ state }) => hasEnded(state))}>
              Clear what is done
            </Button>
          </Group>
          <ul className={styles.uploads}>
            {uploads.map((upload) => (
              <UploadRow
                key={upload.id}
                upload={upload}
                onEnd={(state) => {
                  setState(upload.id, state);
                  void queries.invalidateQueries({ queryKey: ['documents'] });
                }}
              />
            ))}
          </ul>
        </Paper>
      )}
    </>
  );
}
