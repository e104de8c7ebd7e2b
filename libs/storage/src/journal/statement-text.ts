import { escape } from 'mysql2';

/** What has a meaning within the quotes of a text, in every mode but NO_BACKSLASH_ESCAPES, which the session leaves out. */
const SPECIAL = /['\\\0]/;

/**
 * A constant text with each `?` in it replaced by a value; a list stands there as its items, and a list in it as a row. Most texts have no
 * special character and need their quotes alone; the driver escapes the others.
 */
export function statementText(sql: string, values: readonly unknown[]): string {
  const parts = sql.split('?');
  if (parts.length !== values.length + 1)
    throw new Error(`A statement of ${parts.length - 1} places has ${values.length} values.`);
  let text = parts[0]!;
  for (let index = 0; index < values.length; index += 1) text += valueText(values[index]) + parts[index + 1]!;
  return text;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return SPECIAL.test(value) ? escape(value) : `'${value}'`;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return listText(value);
  throw new TypeError(`No value of a statement: ${typeof value}.`);
}

function listText(items: readonly unknown[]): string {
  let text = '';
  for (const item of items) text += (text === '' ? '' : ', ') + (Array.isArray(item) ? `(${listText(item)})` : valueText(item));
  return text;
}
