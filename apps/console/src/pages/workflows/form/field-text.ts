import type { Json } from '../document/json.js';

/** A value as it stands in a field for text: texts as they are, all else as JSON. */
export function shownText(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was written into a field that takes JSON: the value, or why it is none. Nothing: no value. What does not look like JSON is a text. */
export function parseJson(text: string): { value: Json | undefined } | { problem: string } {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    if (!/^\s*[[{"]/.test(text)) return { value: text };
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** A field name as people read it: `max_attempts` is "Max attempts". */
export function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
