import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { validationQuery, type ValidationReply } from '../workflow-queries.js';
import { pointerRange, type YamlText } from '../document/yaml-text.js';

/** One thing that is wrong with the text, and where. */
export interface Mark {
  severity: 'error' | 'warning';
  /** Null: the text cannot be read there. */
  pointer: string | null;
  from: number;
  to: number;
  /** From 1. */
  line: number;
  message: string;
  remedy: string | null;
}

export interface Checked {
  marks: readonly Mark[];
  /** Of the newest text that the API has answered for; undefined: of none yet. */
  reply: ValidationReply | undefined;
  /** Whether the answer is for an older text, or none has come. */
  isPending: boolean;
  error: unknown;
}

const PAUSE_MS = 350;

/** What is wrong with a text: its syntax at once, all else as the API says when nobody has typed for a moment. */
export function useValidation(text: string, read: YamlText): Checked {
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const isReadable = read.faults.length === 0;
  const { data, error, isPlaceholderData } = useQuery({
    ...validationQuery(settled),
    enabled: isReadable && settled.trim() !== '',
    placeholderData: keepPreviousData,
  });
  const isCurrent = settled === text && data !== undefined && !isPlaceholderData;
  const marks = useMemo(() => {
    if (!isReadable) {
      return read.faults.map((fault) =>
        mark(text, fault, { severity: 'error', pointer: null, message: fault.message, remedy: null }),
      );
    }
    const { errors = [], warnings = [] } = isCurrent ? data.validation_report : {};
    const all = [
      ...errors.map((problem) => ({ ...problem, severity: 'error' as const })),
      ...warnings.map((problem) => ({ ...problem, severity: 'warning' as const })),
    ];
    return all.map(({ pointer, message, remedy, severity }) =>
      mark(text, pointerRange(read.document, pointer), { severity, pointer, message, remedy: remedy ?? null }),
    );
  }, [text, read, isReadable, isCurrent, data]);
  return { marks, reply: data, isPending: isReadable && !isCurrent, error };
}

function mark(
  text: string,
  { from, to }: { from: number; to: number },
  what: Pick<Mark, 'severity' | 'pointer' | 'message' | 'remedy'>,
): Mark {
  const start = Math.min(from, text.length);
  return { ...what, from: start, to: Math.min(Math.max(to, start), text.length), line: text.slice(0, start).split('\n').length };
}
