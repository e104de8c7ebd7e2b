import { Textarea, type TextareaProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { isEqual, type Json } from '../document/json.js';
import { parseJson } from './field-text.js';

interface JsonFieldProps extends Omit<TextareaProps, 'value' | 'onChange'> {
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

/** A value of any kind, as JSON. What is no JSON yet stays in the field and changes nothing. */
export function JsonField({ value, onChange, ...field }: JsonFieldProps) {
  const [text, setText] = useState(() => write(value));
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText((before) => {
      const parsed = parseJson(before);
      return 'value' in parsed && isEqual(parsed.value, value) ? before : write(value);
    });
    setProblem(null);
  }, [value]);
  const change = (next: string): void => {
    setText(next);
    const parsed = parseJson(next);
    setProblem('problem' in parsed ? parsed.problem : null);
    if ('value' in parsed && !isEqual(parsed.value, value)) onChange(parsed.value);
  };
  return (
    <Textarea
      {...field}
      value={text}
      error={problem}
      placeholder="JSON"
      autosize
      minRows={1}
      maxRows={16}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function write(value: Json | undefined): string {
  if (value === undefined) return '';
  const line = JSON.stringify(value);
  return line.length <= 48 ? line : JSON.stringify(value, null, 2);
}
