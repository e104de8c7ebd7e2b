import { stringify } from 'yaml';
import { isEqual, isObject, type Json, type JsonObject } from './json.js';
import { alternatives, type Schema } from './schema-lookup.js';

/** A version's definition as a text to read and edit: its author's YAML, or YAML made of what there is. */
export function sourceText(
  { definition, source }: { definition: unknown; source: { format: 'json' | 'yaml'; text: string } | null },
  schema: Schema,
): string {
  if (source?.format === 'yaml') return source.text;
  if (source?.format === 'json') {
    try {
      return writeText(JSON.parse(source.text) as Json);
    } catch {
      // What was kept by something older than JSON is shown as it was understood.
    }
  }
  return canonicalText(definition, schema);
}

/** The canonical form as YAML, without what it would have anyway. */
export function canonicalText(definition: unknown, schema: Schema): string {
  return writeText(withoutDefaults(schema, schema, definition as Json) ?? {});
}

function writeText(value: Json): string {
  return stringify(value, { lineWidth: 0 });
}

/** A value without the fields that its schema fills in when they are absent; undefined where nothing is left of it. */
function withoutDefaults(root: Schema, schema: Schema, value: Json | undefined): Json | undefined {
  if (value === undefined || isEqual(value, schema['default'])) return undefined;
  const [plain, ...others] = alternatives(root, schema);
  if (plain === undefined || others.length > 0) return value;
  if (Array.isArray(value)) {
    const { items } = plain;
    return isObject(items) ? value.map((item) => withoutDefaults(root, items, item) ?? item) : value;
  }
  const { properties } = plain;
  if (!isObject(value) || !isObject(properties)) return value;
  const required = new Set(Array.isArray(plain['required']) ? plain['required'] : []);
  const left: JsonObject = {};
  for (const [key, field] of Object.entries(value)) {
    const property = properties[key];
    const kept = isObject(property) ? withoutDefaults(root, property, field) : field;
    if (kept !== undefined) left[key] = kept;
    else if (required.has(key)) left[key] = field;
  }
  return Object.keys(left).length === 0 && isObject(plain['default']) ? undefined : left;
}
