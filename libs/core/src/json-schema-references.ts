import type { JsonObject, JsonValue } from './json.js';

const MAX_CHARS = 65_536;
/** Of names and of what is not compared, with all that references repeat: bounds what it takes to show the schema. */
const MAX_INLINED_CHARS = 262_144;
/** Schemas within schemas, references replaced by what they stand for, and what is compared with values. */
const MAX_SCHEMAS = 5_000;
/** Of what is compared with values, as much as makes the work of one schema. */
const COMPARED_CHARS = 64;
const MAX_DEPTH = 64;

const TYPES: ReadonlySet<JsonValue> = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);
const ONE: ReadonlySet<string> = new Set([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
]);
const SEVERAL: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
const NAMED: ReadonlySet<string> = new Set(['properties', 'dependentSchemas']);
const NUMBERS: ReadonlySet<string> = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minContains', 'maxContains', 'minProperties', 'maxProperties'],
]);
/** A regular expression, or comparing all with all, has no bound. */
const UNBOUNDED: ReadonlySet<string> = new Set(['pattern', 'patternProperties', 'uniqueItems']);
/** Of older drafts: they hold schemas that nothing here reads. */
const OLDER: ReadonlySet<string> = new Set(['dependencies', 'additionalItems']);
const COMPARED: ReadonlySet<string> = new Set(['const', 'enum', 'required', 'dependentRequired']);
/** What identifies or moves schemas: none of it is needed within one document. */
const UNUSABLE: ReadonlySet<string> = new Set([
  '$id',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$vocabulary',
]);
const LEFT_OUT: ReadonlySet<string> = new Set(['$schema', '$comment', '$defs', 'definitions', 'format']);

class Unusable extends Error {}

/** The schema with every reference replaced by what it stands for, checked to be one, and how many schemas that makes. */
export function inlineReferences(json: JsonObject, lenient: boolean): { schema: JsonObject; size: number } | { problem: string } {
  const chars = JSON.stringify(json).length;
  if (chars > MAX_CHARS) return { problem: `the schema has ${chars} characters; ${MAX_CHARS} are allowed` };
  try {
    const reader = new SchemaReader(json, lenient);
    const schema = reader.read(json, '', []);
    return { schema: schema as JsonObject, size: reader.size };
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.message };
    throw error;
  }
}

class SchemaReader {
  size = 0;
  private chars = 0;

  constructor(
    private readonly root: JsonObject,
    private readonly lenient: boolean,
  ) {}

  /** `followed`: the references that have led here. */
  read(schema: JsonValue, at: string, followed: readonly string[]): JsonValue {
    this.grow(1);
    if (at.split('/').length > MAX_DEPTH) throw new Unusable(`${at}: nested too deeply`);
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) throw new Unusable(`${at || 'the schema'}: not a schema`);
    const { $ref: reference, ...rest } = schema;
    const own = Object.entries(rest).flatMap(([key, value]) => this.readKeyword(key, value, `${at}/${key}`, followed));
    const read: JsonObject = Object.fromEntries(own);
    if (reference === undefined) return read;
    const target = this.follow(reference, at, followed);
    return Object.keys(read).length === 0 ? target : { ...read, allOf: [...((read['allOf'] as JsonValue[]) ?? []), target] };
  }

  private grow(parts: number): void {
    this.size += parts;
    if (this.size > MAX_SCHEMAS) throw new Unusable(`the schema has more than ${MAX_SCHEMAS} parts, with its references`);
  }

  private lengthen(text: string): void {
    this.chars += text.length;
    if (this.chars > MAX_INLINED_CHARS)
      throw new Unusable(`the schema has more than ${MAX_INLINED_CHARS} characters, with its references`);
  }

  private follow(reference: JsonValue, at: string, followed: readonly string[]): JsonValue {
    if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) {
      throw new Unusable(`${at}/$ref: only references within the schema are followed`);
    }
    if (followed.includes(reference)) throw new Unusable(`${at}/$ref: \`${reference}\` leads in a circle`);
    let target: JsonValue | undefined = this.root;
    for (const step of reference.split('/').slice(1)) target = stepInto(target, step);
    if (target === undefined) throw new Unusable(`${at}/$ref: there is no \`${reference}\``);
    return this.read(target, at, [...followed, reference]);
  }

  private readKeyword(key: string, value: JsonValue, at: string, followed: readonly string[]): [string, JsonValue][] {
    if (LEFT_OUT.has(key)) return [];
    if (UNBOUNDED.has(key)) {
      if (this.lenient || value === false) return [];
      throw new Unusable(`${at}: \`${key}\` cannot be checked at a bounded cost`);
    }
    if (OLDER.has(key)) {
      if (this.lenient) return [];
      throw new Unusable(`${at}: \`${key}\` is not supported; use the keywords of draft 2020-12`);
    }
    if (UNUSABLE.has(key)) throw new Unusable(`${at}: \`${key}\` is not supported`);
    if (ONE.has(key)) return [[key, this.read(value, at, followed)]];
    if (SEVERAL.has(key)) {
      if (!Array.isArray(value) || value.length === 0) throw new Unusable(`${at}: not a list of schemas`);
      return [[key, value.map((inner, index) => this.read(inner, `${at}/${index}`, followed))]];
    }
    if (NAMED.has(key)) {
      if (!isObject(value)) throw new Unusable(`${at}: not an object of schemas`);
      const inner = Object.entries(value).map(([name, one]) => {
        this.lengthen(name);
        return [name, this.read(one, `${at}/${name}`, followed)] as const;
      });
      return [[key, Object.fromEntries(inner)]];
    }
    checkValue(key, value, at);
    const text = JSON.stringify(value);
    if (COMPARED.has(key)) this.grow(Math.floor(text.length / COMPARED_CHARS));
    else this.lengthen(key + text);
    return [[key, value]];
  }
}

function checkValue(key: string, value: JsonValue, at: string): void {
  const list = Array.isArray(value) ? value : [value];
  if (key === 'type' && !list.every((type) => TYPES.has(type))) throw new Unusable(`${at}: no type of JSON`);
  if (key === 'enum' && !Array.isArray(value)) throw new Unusable(`${at}: not a list`);
  if (NUMBERS.has(key) && typeof value !== 'number') throw new Unusable(`${at}: not a number`);
  if (key === 'required' && !(Array.isArray(value) && value.every((name) => typeof name === 'string')))
    throw new Unusable(`${at}: not a list of names`);
}

function stepInto(target: JsonValue | undefined, step: string): JsonValue | undefined {
  const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
  if (target === null || typeof target !== 'object' || !Object.hasOwn(target, key)) return undefined;
  return Array.isArray(target) ? target[Number(key)] : target[key];
}

/** As it stands, where it is not encoded as URIs are. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
