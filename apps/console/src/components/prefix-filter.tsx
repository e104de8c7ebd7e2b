import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

const TYPING_MS = 250;

interface PrefixFilterProps {
  /** What is filtered: `Title begins with`. */
  label: string;
  initial: string;
  /** Told when nobody has typed for a moment. */
  onChange: (prefix: string) => void;
}

/** A field for the beginning of what is looked for. */
export function PrefixFilter({ label, initial, onChange }: PrefixFilterProps) {
  const [text, setText] = useState(initial);
  const tell = useDebouncedCallback(onChange, TYPING_MS);
  const set = (value: string): void => {
    setText(value);
    tell(value);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={`${label}…`}
      size="xs"
      w={240}
      leftSection={<IconSearch size={14} />}
      rightSection={text !== '' && <CloseButton size="xs" aria-label="Clear" onClick={() => set('')} />}
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
