import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** Copies a text, which may be made only then. `label` says what it is: "Copy the id". */
export function CopyButton({ value, label = 'Copy' }: { value: string | (() => string); label?: string }) {
  const { copied, copy } = useClipboard({ timeout: 1_500 });
  const press = (): void => copy(typeof value === 'string' ? value : value());
  return (
    <Tooltip label={copied ? 'Copied' : label}>
      <ActionIcon variant="subtle" color={copied ? 'teal' : 'gray'} size="sm" onClick={press} aria-label={label}>
        {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}
