import type { JsonObject, JsonValue } from './json.js';

/** Optional properties that an example shows where none is required, and entries of a list. */
const MAX_SHOWN = 10;
const MAX_ITEMS = 3;
/** Schemas that are read for one example: entries within entries would make it grow without end. */
const MAX_PARTS = 1_000;

class TooLarge extends Error {}

/** A value that probably fits a schema without references; the caller checks that it does. Undefined: none is easily found. */
export function exampleOf(schema: JsonValue): JsonValue | undefined {
  try {
    return new ExampleWriter().write(schema);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

class ExampleWriter {
  private left = MAX_PARTS;

  /** @throws TooLarge */
  write(schema: JsonValue): JsonValue | undefined {
    this.spend(1);
    if (schema === true) return {};
    if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return undefined;
    const { const: fixed, enum: choices, default: usual, examples } = schema;
    if (fixed !== undefined) return fixed;
    if (Array.isArray(choices)) return choices[0];
    if (usual !== undefined) return usual;
    if (Array.isArray(examples) && examples.length > 0) return examples[0];
    return this.writeType(this.merged(schema));
  }

  /** The schema together with all that it must fit, and the first of what it may fit. */
  private merged(schema: JsonObject): JsonObject {
    const { allOf, anyOf, oneOf, ...own } = schema;
    const parts = [...listOf(allOf), ...listOf(anyOf).slice(0, 1), ...listOf(oneOf).slice(0, 1)].filter(isObject);
    this.spend(parts.length);
    return parts
      .map((part) => this.merged(part))
      .reduce<JsonObject>(
        (sum, part) => ({
          ...sum,
          ...part,
          ...bothOf('properties', sum, part, (one, other) => ({ ...(one as JsonObject), ...(other as JsonObject) })),
          ...bothOf('required', sum, part, (one, other) => [...listOf(one), ...listOf(other)]),
        }),
        own,
      );
  }

  private writeType(schema: JsonObject): JsonValue | undefined {
    if (schema['const'] !== undefined || Array.isArray(schema['enum'])) return this.write(schema);
    switch (typeOf(schema)) {
      case 'object':
        return this.writeObject(schema);
      case 'array':
        return this.writeList(schema);
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

  private writeObject({ properties, required }: JsonObject): JsonValue {
    const known = isObject(properties) ? properties : {};
    const names = listOf(required).filter((name) => typeof name === 'string');
    const shown = names.length > 0 ? names : Object.keys(known).slice(0, MAX_SHOWN);
    return Object.fromEntries(shown.map((name) => [name, this.write(known[name] ?? true) ?? null]));
  }

  private writeList({ items, prefixItems, minItems }: JsonObject): JsonValue {
    const first = listOf(prefixItems).map((item) => this.write(item) ?? null);
    const wanted = Math.min(Math.max(Number(minItems ?? 1), 1), MAX_ITEMS) - first.length;
    const rest = Array.from({ length: Math.max(wanted, 0) }, () => this.write(items ?? true) ?? null);
    return items === false ? first : [...first, ...rest];
  }

  private spend(parts: number): void {
    this.left -= parts;
    if (this.left < 0) throw new TooLarge();
  }
}

function bothOf(key: string, one: JsonObject, other: JsonObject, join: (a: JsonValue, b: JsonValue) => JsonValue): JsonObject {
  const [first, second] = [one[key], other[key]];
  return first === undefined || second === undefined ? {} : { [key]: join(first, second) };
}

function typeOf({ type, properties, items }: JsonObject): JsonValue | undefined {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  return type ?? (properties !== undefined ? 'object' : items !== undefined ? 'array' : undefined);
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
