import { isObject, type Json, type JsonObject } from './json.js';

/** What is asked of a JSON Schema, of the keywords that the API's schemas use. */
export type Schema = JsonObject;

/** A key that may stand in a map, or a value that may stand somewhere. */
export interface Offer {
  label: string;
  description?: string;
  /** What kind of value follows a key. */
  detail?: string;
}

/** The schemas of definitions: of the whole, and of the config by node type. */
export interface DefinitionSchemas {
  workflow: Schema;
  nodeTypes: ReadonlyMap<string, { description: string; config: Schema }>;
}

/** The schemas that may describe what is at a path; the config of a node is described by the type that stands beside it. */
export function schemasAt(schemas: DefinitionSchemas, json: unknown, path: readonly (string | number)[]): Schema[] {
  const { workflow, nodeTypes } = schemas;
  let found = alternatives(workflow, workflow);
  let value: unknown = json;
  for (const step of path) {
    const type = step === 'config' && isObject(value) ? value['type'] : undefined;
    const known = typeof type === 'string' ? nodeTypes.get(type)?.config : undefined;
    found = known === undefined ? found.flatMap((schema) => inner(workflow, schema, step)) : alternatives(known, known);
    value = Array.isArray(value) ? (value as unknown[])[Number(step)] : isObject(value) ? value[step] : undefined;
  }
  return found;
}

/** The keys that the map at a path may have and does not have yet. */
export function offeredKeys(schemas: DefinitionSchemas, json: unknown, path: readonly (string | number)[]): Offer[] {
  const offers = new Map<string, Offer>();
  for (const schema of schemasAt(schemas, json, path)) {
    if (!isObject(schema['properties'])) continue;
    for (const [label, property] of Object.entries(schema['properties'])) {
      if (!isObject(property) || offers.has(label)) continue;
      offers.set(label, { label, ...described(property), detail: typeName(property) });
    }
  }
  return [...offers.values()];
}

/** The values that may stand at a path, where they can be told. */
export function offeredValues(schemas: DefinitionSchemas, json: unknown, path: readonly (string | number)[]): Offer[] {
  const last = path.at(-1);
  const parent = path.slice(0, -1).reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], json);
  const isNodeType = last === 'type' && !(isObject(parent) && 'secret' in parent) && path.some((step) => step === 'nodes');
  if (isNodeType)
    return [...schemas.nodeTypes].map(([label, { description }]) => ({ label, ...(description !== '' && { description }) }));
  const naming = typeof last === 'number' ? path.at(-2) : last;
  if (typeof naming === 'string' && NAMES_NODES.has(naming)) return idsOf(json).map((label) => ({ label, detail: 'node' }));
  const values = schemasAt(schemas, json, path).flatMap((schema): Json[] => {
    if (Array.isArray(schema['enum'])) return schema['enum'];
    if (schema['const'] !== undefined) return [schema['const']];
    return schema['type'] === 'boolean' ? [true, false] : [];
  });
  return [...new Set(values.map(String))].map((label) => ({ label }));
}

const NAMES_NODES = new Set(['depends_on', 'then', 'else', 'default', 'output']);

/** What a schema calls the kind of its values. */
export function typeName(schema: Schema): string {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(schema['enum'])) return 'enum';
  const some = alternatives(schema, schema).filter((one) => one !== schema);
  return [...new Set(some.map(typeName))].filter((name) => name !== 'any').join(' | ') || 'any';
}

function described(schema: Schema): { description?: string } {
  return typeof schema['description'] === 'string' ? { description: schema['description'] } : {};
}

/** A schema without its references, one by one where it has alternatives. */
export function alternatives(root: Schema, schema: Schema, depth = 0): Schema[] {
  if (depth > 8) return [];
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = reference.startsWith('#/')
      ? reference
          .slice(2)
          .split('/')
          .reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), root)
      : undefined;
    return isObject(target) ? alternatives(root, target, depth + 1) : [];
  }
  const several = schema['anyOf'] ?? schema['oneOf'];
  if (!Array.isArray(several)) return [schema];
  return several.filter(isObject).flatMap((one) => alternatives(root, one, depth + 1));
}

function inner(root: Schema, schema: Schema, step: string | number): Schema[] {
  const { properties, additionalProperties, items } = schema;
  const found =
    typeof step === 'number' ? items : ((isObject(properties) ? properties[step] : undefined) ?? additionalProperties);
  return isObject(found) ? alternatives(root, found) : [];
}

function idsOf(json: unknown): string[] {
  const nodes = isObject(json) ? json['nodes'] : undefined;
  return Array.isArray(nodes)
    ? nodes.flatMap((node) => (isObject(node) && typeof node['id'] === 'string' ? [node['id']] : []))
    : [];
}
