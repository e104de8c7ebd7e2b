import { Box, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { JsonView } from '../../components/json-view.js';
import styles from './run.module.css';
import type { Failure } from './view/known-event.js';

/** Why something failed: the code, the sentence, and what else is known. */
export function FailureNote({ error: { code, message, details } }: { error: Failure }) {
  return (
    <div role="alert">
      <div className={styles.why} data-tone="red">
        <IconAlertTriangle size={18} aria-hidden />
        <div>
          <Text size="sm" fw={600} c="inherit" className="mono">
            {code}
          </Text>
          <Text size="sm" c="inherit" className={styles.wrap}>
            {message}
          </Text>
        </div>
      </div>
      {details !== undefined && (
        <Box mt="xs">
          <JsonView value={details} label="Details of the error" maxHeight={180} />
        </Box>
      )}
    </div>
  );
}
