import { HIDDEN_FIELDS, toErrorInfo, type JsonObject, type LogFields } from '@baton/core';

/** Messages are cut to so many characters, and so is the JSON of fields. */
const MESSAGE_CHARS = 2_000;
const FIELDS_CHARS = 4_000;
const HIDDEN: ReadonlySet<string> = new Set(HIDDEN_FIELDS);

/** Replaces what must not be seen in a text. */
export type Hide = (text: string) => string;

/** JSON of the fields, whatever they are; what names a secret is hidden. */
export function writeFields(fields: LogFields): string {
  try {
    return JSON.stringify(fields, writeField) ?? '{}';
  } catch (error) {
    return JSON.stringify({ unreadable: error instanceof Error ? error.message : String(error) });
  }
}

function writeField(key: string, value: unknown): unknown {
  if (HIDDEN.has(key.toLowerCase())) return '[redacted]';
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error ? toErrorInfo(value) : value;
}

/** The message as it is kept. */
export function keptMessage(message: string, hide: Hide): string {
  return cut(hide(message), MESSAGE_CHARS);
}

/** The fields as they are kept; what is too large, or no JSON once its secrets are hidden, as text. */
export function keptFields(json: string | null, hide: Hide): JsonObject | null {
  if (json === null) return null;
  const hidden = hide(json);
  if (hidden.length > FIELDS_CHARS) return { cut: cut(hidden, FIELDS_CHARS) };
  try {
    return JSON.parse(hidden) as JsonObject;
  } catch {
    return { text: hidden };
  }
}

/** Halves of characters are no text. */
function cut(text: string, chars: number): string {
  return text.length <= chars ? text.toWellFormed() : `${text.slice(0, chars - 1).toWellFormed()}…`;
}
