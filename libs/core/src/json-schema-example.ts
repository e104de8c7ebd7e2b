import type { JsonObject, JsonValue } from './json.js';

/** Optional properties that an example shows where none is required, and entries of a list. */
const MAX_SHOWN = 10;
const MAX_ITEMS = 3;

/** A value that probably fits a schema without references; the caller checks that it does. Undefined: none is easily found. */
export function exampleOf(schema: JsonValue): JsonValue | undefined {
  if (schema === true) return {};
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return undefined;
  const { const: fixed, enum: choices, default: usual, examples } = schema;
  if (fixed !== undefined) return fixed;
  if (Array.isArray(choices)) return choices[0];
  if (usual !== undefined) return usual;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  return exampleOfType(merged(schema));
}

/** The schema together with all that it must fit, and the first of what it may fit. */
function merged(schema: JsonObject): JsonObject {
  const { allOf, anyOf, oneOf, ...own } = schema;
  const parts = [...listOf(allOf), ...listOf(anyOf).slice(0, 1), ...listOf(oneOf).slice(0, 1)].filter(isObject);
  return parts.map(merged).reduce<JsonObject>(
    (sum, part) => ({
      ...sum,
      ...part,
      ...bothOf('properties', sum, part, (one, other) => ({ ...(one as JsonObject), ...(other as JsonObject) })),
      ...bothOf('required', sum, part, (one, other) => [...listOf(one), ...listOf(other)]),
    }),
    own,
  );
}

function bothOf(key: string, one: JsonObject, other: JsonObject, join: (a: JsonValue, b: JsonValue) => JsonValue): JsonObject {
  const [first, second] = [one[key], other[key]];
  return first === undefined || second === undefined ? {} : { [key]: join(first, second) };
}

function exampleOfType(schema: JsonObject): JsonValue | undefined {
  if (schema['const'] !== undefined || Array.isArray(schema['enum'])) return exampleOf(schema);
  switch (typeOf(schema)) {
    case 'object':
      return exampleObject(schema);
    case 'array':
      return exampleList(schema);
    case 'string':
      return exampleText(schema);
    case 'number':
    case 'integer':
      return exampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return {};
  }
}

function typeOf({ type, properties, items }: JsonObject): JsonValue | undefined {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  return type ?? (properties !== undefined ? 'object' : items !== undefined ? 'array' : undefined);
}

function exampleObject({ properties, required }: JsonObject): JsonValue {
  const known = isObject(properties) ? properties : {};
  const names = listOf(required).filter((name) => typeof name === 'string');
  const shown = names.length > 0 ? names : Object.keys(known).slice(0, MAX_SHOWN);
  return Object.fromEntries(shown.map((name) => [name, exampleOf(known[name] ?? true) ?? null]));
}

function exampleList({ items, prefixItems, minItems }: JsonObject): JsonValue {
  const first = listOf(prefixItems).map((item) => exampleOf(item) ?? null);
  const wanted = Math.min(Math.max(Number(minItems ?? 1), 1), MAX_ITEMS) - first.length;
  const rest = Array.from({ length: Math.max(wanted, 0) }, () => exampleOf(items ?? true) ?? null);
  return items === false ? first : [...first, ...rest];
}

function exampleText({ minLength, maxLength }: JsonObject): string {
  return 'text'.padEnd(Math.min(Number(minLength ?? 0), 200), '.').slice(0, Number(maxLength ?? 200));
}

function exampleNumber({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonObject): number {
  if (typeof minimum === 'number') return type === 'integer' ? Math.ceil(minimum) : minimum;
  if (typeof exclusiveMinimum === 'number') return Math.floor(exclusiveMinimum) + 1;
  if (typeof maximum === 'number') return Math.floor(maximum);
  if (typeof exclusiveMaximum === 'number') return Math.ceil(exclusiveMaximum) - 1;
  return 1;
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
}
