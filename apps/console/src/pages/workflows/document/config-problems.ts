import { Validator } from '@cfworker/json-schema';
import type { DefinitionNode } from './definition.js';
import { isObject, type JsonObject } from './json.js';
import { alternatives, type DefinitionSchemas, type Schema } from './schema-lookup.js';

/** What the handler of a node would refuse in its config. */
export interface ConfigProblem {
  pointer: string;
  message: string;
  remedy: string;
}

/**
 * What the schemas of the node types say against the configs: the API checks a config when its node runs, since only then its placeholders are filled. So
 * whatever holds a placeholder is left out here.
 */
export function configProblems(
  nodes: readonly DefinitionNode[],
  { nodeTypes }: Pick<DefinitionSchemas, 'nodeTypes'>,
): ConfigProblem[] {
  return nodes.flatMap(({ type, value, index }) => {
    const schema = nodeTypes.get(type)?.config;
    const config = value['config'] ?? {};
    if (schema === undefined || !isObject(config)) return [];
    return problemsOf(best(schema, config), config).map(({ path, message }) => ({
      pointer: `/nodes/${index}/config${path}`,
      message: `${type}: ${message}`,
      remedy: 'See the fields of the node: this one would fail when it runs.',
    }));
  });
}

/** The alternative that fits best: what is told of the others would be noise. */
function best(schema: Schema, config: JsonObject): Schema {
  const several = alternatives(schema, schema);
  return several.toSorted((a, b) => problemsOf(a, config).length - problemsOf(b, config).length)[0] ?? schema;
}

function problemsOf(schema: Schema, config: JsonObject): { path: string; message: string }[] {
  const told = validatorOf(schema)
    .validate(config)
    .errors.map(({ instanceLocation, keyword, error }) => ({
      path: instanceLocation.slice(1),
      keyword,
      message: inWords(keyword, error),
    }))
    .filter(({ keyword }) => !OUTER.has(keyword))
    .filter(({ path }) => !holdsPlaceholder(valueAt(config, path)));
  return told.filter(({ path }, index) => told.findIndex((other) => other.path === path) === index);
}

const validators = new WeakMap<Schema, Validator>();

function validatorOf(schema: Schema): Validator {
  const known = validators.get(schema) ?? new Validator(schema, '2020-12', false);
  validators.set(schema, known);
  return known;
}

function inWords(keyword: string, error: string): string {
  if (keyword === 'false') return 'there is no such field';
  if (keyword === 'required') return `${/property (".*")/.exec(error)?.[1] ?? 'a field'} is missing`;
  return error.replace(/^Instance( type)? /, (_, type) => (type === undefined ? 'it ' : 'the type ')).replace(/\.$/, '');
}

/** These only say that something within is wrong. */
const OUTER: ReadonlySet<string> = new Set([
  'properties',
  'additionalProperties',
  'items',
  'prefixItems',
  'propertyNames',
  '$ref',
  'allOf',
]);

function valueAt(json: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      json,
    );
}

function holdsPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${{');
}
