import { z } from 'zod';
import type { Problem } from './errors.js';
import type { JsonObject, JsonValue } from './json.js';

/** Keywords whose regular expressions a stranger's text would be matched with: they can take for ever. */
const REFUSED = ['pattern', 'patternProperties'];

/** Why a JSON Schema cannot be held to; null: it can. */
export function schemaProblem(schema: JsonObject): string | null {
  const refused = refusedKeyword(schema);
  if (refused !== null) return `\`${refused}\` is not supported`;
  try {
    z.fromJSONSchema(schema);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a value has that its JSON Schema does not allow, by JSON pointer. The schema is one that {@link schemaProblem} finds nothing wrong with. */
export function schemaProblems(schema: JsonObject, value: JsonValue): Problem[] {
  const { error } = z.fromJSONSchema(schema).safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => {
    const pointer = path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    return { pointer: `/payload${pointer}`, message };
  });
}

/** A refused keyword anywhere in the schema; a property that is named like one is none. */
function refusedKeyword(schema: JsonValue): string | null {
  if (Array.isArray(schema)) return firstOf(schema);
  if (schema === null || typeof schema !== 'object') return null;
  const own = REFUSED.find((keyword) => keyword in schema);
  if (own !== undefined) return own;
  const { properties, const: _constant, enum: _values, default: _default, examples: _examples, ...rest } = schema;
  const named = properties !== null && typeof properties === 'object' ? Object.values(properties) : [];
  return firstOf([...named, ...Object.values(rest)]);
}

function firstOf(schemas: readonly JsonValue[]): string | null {
  for (const schema of schemas) {
    const found = refusedKeyword(schema);
    if (found !== null) return found;
  }
  return null;
}
