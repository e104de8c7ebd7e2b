import { Validator } from '@cfworker/json-schema';
import type { Problem } from './errors.js';
import type { JsonObject, JsonValue } from './json.js';
import { inlineReferences } from './json-schema-references.js';
import { exampleOf } from './json-schema-example.js';

/** A JSON Schema that somebody else has written, ready to check values at a bounded cost. Immutable. */
export interface JsonSchema {
  /** As it was given, without what is not checked. */
  readonly json: JsonObject;
  /** A value that fits, where one is easily found. */
  readonly example: JsonValue | undefined;
  /** Everything that is wrong with a value, in words; empty: it fits. */
  check(value: JsonValue): string[];
  /** The same, by JSON pointer. */
  problemsOf(value: JsonValue): Problem[];
}

/** Problems that are told of one value. */
const MAX_PROBLEMS = 10;
/** Schemas times values: some seconds of work at the very worst. */
const MAX_WORK = 2_000_000;
/** So many characters are about as much work as a value. */
const CHARS_PER_VALUE = 256;

/** Keywords whose failure says only that something within has failed. */
const CONTAINERS: ReadonlySet<string> = new Set([
  ...['properties', 'items', 'prefixItems', 'additionalProperties', 'allOf', 'dependentSchemas', 'if', 'then', 'else'],
]);

/**
 * Compiles a JSON Schema of draft 2020-12. It is interpreted, never turned into code. What cannot be checked at a bounded cost (`pattern`,
 * `patternProperties`, `uniqueItems`, references that lead in circles) makes it unusable, and so do `dependencies` and `additionalItems` of older drafts;
 * `lenient` leaves the keywords out instead, where another side checks them too. `format` is a remark. `maxWork`: schemas times values that are checked; a value of more
 * does not fit.
 */
export function compileJsonSchema(
  json: JsonObject,
  options: { lenient?: boolean; maxWork?: number } = {},
): { schema: JsonSchema } | { problem: string } {
  const inlined = inlineReferences(json, options.lenient === true);
  if ('problem' in inlined) return inlined;
  const { schema: checked, size } = inlined;
  const { maxWork = MAX_WORK } = options;
  const validator = readSchema(checked);
  if (validator === null) return { problem: 'the schema has an `id` or a `$ref` that leads nowhere' };
  const problemsOf = (value: JsonValue): Problem[] => {
    if (size * countValues(value) > maxWork) return [{ pointer: '', message: 'it is too large to be checked' }];
    const { valid, errors } = validator.validate(value);
    if (valid) return [];
    const leaves = errors.filter(({ keyword }) => !CONTAINERS.has(keyword));
    const told = (leaves.length > 0 ? leaves : errors).map(({ instanceLocation, error: message }) => {
      const pointer = instanceLocation.replace(/^#/, '');
      return [`${pointer}: ${message}`, { pointer, message }] as const;
    });
    return [...new Map(told).values()].slice(0, MAX_PROBLEMS);
  };
  const check = (value: JsonValue): string[] =>
    problemsOf(value).map(({ pointer, message }) => (pointer === '' ? message : `${pointer}: ${message}`));
  const example = exampleOf(checked);
  const fits = example !== undefined && check(example).length === 0;
  return { schema: { json: checked, example: fits ? example : undefined, check, problemsOf } };
}

/** Null: a keyword that means nothing here holds what the package takes for a reference and cannot read. */
function readSchema(schema: JsonObject): Validator | null {
  try {
    return new Validator(schema, '2020-12', false);
  } catch {
    return null;
  }
}

function countValues(value: JsonValue): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / CHARS_PER_VALUE);
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countValues(inner), 1);
}
