import { Anchor, Loader, Progress, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconCopyCheck } from '@tabler/icons-react';
import { useEffect } from 'react';
import { AppLink } from '../../components/app-link.js';
import { useRunEvents } from '../../live/use-run-events.js';
import { outcomeOf, type Upload } from './upload-list.js';
import { formatBytes } from './bytes.js';
import styles from './documents.module.css';

interface UploadRowProps {
  upload: Upload;
  onEnd: (state: Upload['state']) => void;
}

/** One file, and how far it is. */
export function UploadRow({ upload: { name, bytes, state }, onEnd }: UploadRowProps) {
  return (
    <li className={styles.upload} data-state={state.kind}>
      <UploadIcon state={state} />
      <Text size="sm" truncate fw={550} miw={0} flex="0 1 auto">
        {name}
      </Text>
      <Text size="xs" c="dimmed" className="figures">
        {formatBytes(bytes)}
      </Text>
      <div className={styles['upload-state']}>
        {state.kind === 'sending' && <Progress value={state.part * 100} size="sm" w={140} aria-label={`${name}: sent`} />}
        {state.kind === 'reading' && <Reading runId={state.runId} onEnd={onEnd} />}
        {state.kind === 'waiting' && 'waits'}
        {state.kind === 'refused' && (
          <span data-tone="red" className={styles.refused}>
            {state.message}
          </span>
        )}
        {state.kind === 'done' && <Done state={state} />}
      </div>
    </li>
  );
}

function UploadIcon({ state }: { state: Upload['state'] }) {
  if (state.kind === 'done') {
    const Icon = state.isDuplicate ? IconCopyCheck : IconCircleCheck;
    return <Icon size={18} color="var(--mantine-color-teal-text)" aria-hidden />;
  }
  if (state.kind === 'refused') return <IconCircleX size={18} color="var(--mantine-color-red-text)" aria-hidden />;
  if (state.kind === 'waiting') return <IconCircleDashed size={18} aria-hidden />;
  return <Loader size={18} aria-hidden />;
}

/** Follows the run that reads the file, and tells its end once. */
function Reading({ runId, onEnd }: { runId: string; onEnd: (state: Upload['state']) => void }) {
  const { events } = useRunEvents(runId);
  useEffect(() => {
    // Told the outcome, the row shows it instead of this: it is told once.
    const outcome = outcomeOf(events);
    if (outcome !== null) onEnd(outcome);
  }, [events, onEnd]);
  return (
    <Anchor component={AppLink} size="xs" href={`/runs/${runId}`}>
      is being read
    </Anchor>
  );
}

function Done({ state: { documentId, isDuplicate } }: { state: Extract<Upload['state'], { kind: 'done' }> }) {
  const text = isDuplicate ? 'was there already' : 'ready';
  if (documentId === null) return text;
  return (
    <Anchor component={AppLink} size="xs" href={`/documents?document=${documentId}`}>
      {text}
    </Anchor>
  );
}
