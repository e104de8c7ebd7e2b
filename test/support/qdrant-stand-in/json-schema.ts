import type { JsonObject, JsonValue } from '@baton/core';

/** What says nothing about which values are valid, or is said by the type already. */
const IGNORED: ReadonlySet<string> = new Set(['description', 'example', 'default', 'deprecated', 'externalDocs']);

/**
 * A document of OpenAPI 3.0 with its schemas as JSON Schema: `nullable` becomes a type of its own, and an object with named properties has
 * no others, since a field that the document does not know is a field that the server ignores.
 */
export function toJsonSchema(node: JsonValue): JsonValue {
  if (Array.isArray(node)) return node.map(toJsonSchema);
  if (node === null || typeof node !== 'object') return node;
  const { nullable, ...rest } = mapValues(node);
  if (nullable === true && Object.keys(rest).length === 0) return { type: 'null' };
  const schema = isClosed(rest) ? { ...rest, additionalProperties: false } : rest;
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** The names of properties are data, also where they look like keywords. */
function mapValues(node: JsonObject): JsonObject {
  const entries = Object.entries(node).filter(([key]) => !IGNORED.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'properties' && isObject(value) ? mapProperties(value) : toJsonSchema(value)]),
  );
}

function mapProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, toJsonSchema(schema)]));
}

function isClosed(schema: JsonObject): boolean {
  return schema['type'] === 'object' && isObject(schema['properties']) && schema['additionalProperties'] === undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
