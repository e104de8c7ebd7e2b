import { Validator } from '@cfworker/json-schema';
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
}

/** Problems that are told of one value. */
const MAX_PROBLEMS = 10;
/** Schemas times values: about a second of work. */
const MAX_WORK = 2_000_000;

/** Keywords whose failure says only that something within has failed. */
const CONTAINERS: ReadonlySet<string> = new Set([
  ...['properties', 'items', 'prefixItems', 'additionalProperties', 'allOf', 'dependentSchemas', 'if', 'then', 'else'],
]);

/**
 * Compiles a JSON Schema of draft 2020-12. It is interpreted, never turned into code. What cannot be checked at a bounded cost (`pattern`,
 * `patternProperties`, `uniqueItems`, references that lead in circles) makes it unusable; `lenient` leaves the keywords out instead, where another
 * side checks them too. `format` is a remark.
 */
export function compileJsonSchema(
  json: JsonObject,
  options: { lenient?: boolean } = {},
): { schema: JsonSchema } | { problem: string } {
  const inlined = inlineReferences(json, options.lenient === true);
  if ('problem' in inlined) return inlined;
  const { schema: checked, size } = inlined;
  const validator = new Validator(checked, '2020-12', false);
  const check = (value: JsonValue): string[] => {
    if (size * countValues(value) > MAX_WORK) return ['it is too large to be checked'];
    const { valid, errors } = validator.validate(value);
    if (valid) return [];
    const leaves = errors.filter(({ keyword }) => !CONTAINERS.has(keyword));
    const told = (leaves.length > 0 ? leaves : errors).map(({ instanceLocation, error }) => {
      const place = instanceLocation.replace(/^#/, '');
      return place === '' ? error : `${place}: ${error}`;
    });
    return [...new Set(told)].slice(0, MAX_PROBLEMS);
  };
  const example = exampleOf(checked);
  const fits = example !== undefined && check(example).length === 0;
  return { schema: { json: checked, example: fits ? example : undefined, check } };
}

function countValues(value: JsonValue): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countValues(inner), 1);
}
