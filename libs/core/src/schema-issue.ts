import type { Problem } from './errors.js';
import { escapePointer } from './expression-template.js';

/** What a schema has found: an issue of Zod, or of Standard Schema, which has less. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Fields that are not known, where it is about them. */
  readonly keys?: unknown;
}

/** An issue in words that a caller can act on, each field by its pointer. */
export function issueProblems({ message, path = [], keys }: SchemaIssue): Problem[] {
  const pointer = path
    .map((segment) => `/${escapePointer(String(typeof segment === 'object' ? segment.key : segment))}`)
    .join('');
  if (Array.isArray(keys)) {
    return keys.map((key) => ({ pointer: `${pointer}/${escapePointer(String(key))}`, message: 'this field is not known' }));
  }
  return [{ pointer, message: isMissing(message) ? 'this field is missing' : message }];
}

/** Zod keeps no input in its issues: only the message tells. */
function isMissing(message: string): boolean {
  return message.endsWith(', received undefined');
}
