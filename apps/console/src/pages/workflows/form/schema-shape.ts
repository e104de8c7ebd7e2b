import { shownText } from './field-text.js';
import { isObject, type Json, type JsonObject } from '../document/json.js';
import { alternatives, type Schema } from '../document/schema-lookup.js';

/** How a value is asked for. */
export type Shape =
  | { kind: 'text'; isLong: boolean }
  | { kind: 'number'; isInteger: boolean; min?: number; max?: number }
  | { kind: 'boolean' }
  | { kind: 'enum'; options: string[] }
  | { kind: 'object'; fields: Field[] }
  | { kind: 'texts' }
  | { kind: 'list'; item: Schema }
  /** One of several shapes: each with the name that tells it from the others. */
  | { kind: 'choice'; choices: { name: string; schema: Schema }[] }
  | { kind: 'json' };

export interface Field {
  name: string;
  schema: Schema;
  isRequired: boolean;
}

/** Texts above this length are written on several lines. */
const LONG_TEXT = 1_000;
/** Lists in which each item is written out: longer ones, and those of anything, are JSON. */
const LISTED: ReadonlySet<string> = new Set(['object', 'enum']);

/** How a value of this schema is asked for; whatever no field fits is written as JSON. */
export function shapeOf(schema: Schema): Shape {
  if (Array.isArray(schema['enum'])) return { kind: 'enum', options: schema['enum'].map(String) };
  if (schema['const'] !== undefined) return { kind: 'enum', options: [shownText(schema['const'])] };
  const several = alternatives(schema, schema);
  if (several.length > 1 || several[0] !== schema) return shapeOfSeveral(several);
  switch (schema['type']) {
    case 'string':
      return { kind: 'text', isLong: Number(schema['maxLength'] ?? 0) > LONG_TEXT };
    case 'number':
    case 'integer':
      return {
        ...{ kind: 'number', isInteger: schema['type'] === 'integer' },
        ...(typeof schema['minimum'] === 'number' && { min: schema['minimum'] }),
        ...(typeof schema['maximum'] === 'number' && { max: schema['maximum'] }),
      };
    case 'boolean':
      return { kind: 'boolean' };
    case 'object':
      return isObject(schema['properties']) ? { kind: 'object', fields: fieldsOf(schema) } : { kind: 'json' };
    case 'array':
      return shapeOfList(schema['items']);
    default:
      return { kind: 'json' };
  }
}

/** The fields of an object, those that it must have first. */
export function fieldsOf(schema: Schema): Field[] {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties)
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .map(([name, property]) => ({ name, schema: property, isRequired: required.has(name) }))
    .sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

/** Which of the choices a value is one of: the first whose required keys and constants it has. */
export function chosen(choices: readonly { schema: Schema }[], value: Json | undefined): number {
  const found = choices.findIndex(({ schema }) => {
    if (!isObject(value)) return false;
    return fieldsOf(schema).every(({ name, schema: field, isRequired }) => {
      if (field['const'] !== undefined) return value[name] === field['const'];
      return !isRequired || Object.hasOwn(value, name);
    });
  });
  return Math.max(found, 0);
}

/** What a value begins as when it is added: its default, its constants, or as little as its type has. */
export function firstValue(schema: Schema): Json {
  if (schema['default'] !== undefined) return schema['default'];
  if (schema['const'] !== undefined) return schema['const'];
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'boolean':
      return false;
    case 'number':
      return shape.min ?? 0;
    case 'enum':
      return shape.options[0] ?? '';
    case 'object':
      return Object.fromEntries(
        shape.fields.filter(({ isRequired }) => isRequired).map(({ name, schema: field }) => [name, firstValue(field)]),
      );
    case 'list':
    case 'texts':
      return [];
    case 'choice':
      return firstValue(shape.choices[0]!.schema);
    case 'json':
      return schema['type'] === 'object' ? {} : null;
    case 'text':
      return '';
  }
}

function shapeOfSeveral(several: readonly Schema[]): Shape {
  // JSON of any kind is written out in its schema: everything that there is.
  if (several.length === 0 || several.length > 5) return { kind: 'json' };
  const shapes = several.map(shapeOf);
  if (shapes.every(({ kind }) => kind === 'object')) {
    return { kind: 'choice', choices: several.map((schema) => ({ name: nameOf(schema), schema })) };
  }
  const options = shapes.flatMap((shape) => (shape.kind === 'enum' ? shape.options : []));
  if (options.length > 0 && shapes.every(({ kind }) => kind === 'enum')) return { kind: 'enum', options };
  // A text is the first of what it may be: other values are written as JSON into the same field.
  return shapes[0]?.kind === 'text' ? { kind: 'text', isLong: shapes[0].isLong } : { kind: 'json' };
}

function shapeOfList(items: Json | undefined): Shape {
  if (!isObject(items)) return { kind: 'json' };
  const item = shapeOf(items);
  if (item.kind === 'text') return { kind: 'texts' };
  return LISTED.has(item.kind) || item.kind === 'choice' ? { kind: 'list', item: items } : { kind: 'json' };
}

/** What tells a choice from the others: the value of its constant, or its first key. */
function nameOf(schema: Schema): string {
  const fields = fieldsOf(schema);
  const constant = fields.find(({ schema: field }) => field['const'] !== undefined);
  return constant === undefined ? (fields[0]?.name ?? 'value') : shownText(constant.schema['const']);
}
