import { isObject, type JsonObject } from './json.js';
import { nodesOf } from './definition.js';
import type { Schema } from './schema-lookup.js';

/** What agents and searches are asked, where a node does not say it itself. */
const ASKS: ReadonlySet<string> = new Set(['agent', 'retrieve', 'handoff']);
const METHODS = /^(?:filter|map|all|exists|exists_one|join|size)\(/;
const TEXT_METHODS = /^(?:contains|startsWith|endsWith|split|substring|indexOf|trim|lowerAscii|upperAscii)\(/;

/**
 * What the input of a run must be, as the definition says it in its `input_schema`; without one, what it seems to have, told by how the expressions use it. The form made of
 * it is a help: any input may be sent, and the server refuses what does not fit.
 */
export function inputSchema(definition: unknown): Schema {
  const declared = isObject(definition) ? definition['input_schema'] : undefined;
  if (isObject(declared)) return declared;
  const nodes = nodesOf(definition);
  const properties: JsonObject = {};
  const asks = nodes.some(({ type, value }) => ASKS.has(type) && value['input'] === undefined);
  if (asks)
    properties['question'] = { type: 'string', maxLength: 10_000, description: 'What the agents of this workflow are asked.' };
  for (const text of textsOf(nodes.map(({ value }) => value))) {
    for (const [, name, rest = ''] of text.matchAll(
      /\binput\.\??([A-Za-z_]\w*)((?:\s*[=!<>+*/%-]+\s*[\w."'-]+|\.\??\w+\(?|\[)?)/g,
    )) {
      const use = { type: typeOf(rest.trim()) };
      const known = properties[name!] as { type?: string } | undefined;
      // The first use that tells more than "a text" wins.
      if (known === undefined || (known.type === 'string' && use.type !== 'string' && name !== 'question'))
        properties[name!] = use;
    }
  }
  return { type: 'object', properties };
}

function typeOf(use: string): string {
  if (/^(?:[<>]=?|[*/%-]|[=!]=\s*-?\d|\+\s*\d)/.test(use)) return 'number';
  if (/^[=!]=\s*(?:true|false)\b/.test(use)) return 'boolean';
  if (use.startsWith('[')) return 'array';
  if (!use.startsWith('.')) return 'string';
  const member = use.replace(/^\.\??/, '');
  if (TEXT_METHODS.test(member)) return 'string';
  return METHODS.test(member) ? 'array' : 'object';
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.includes('input') ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'items' && typeof inner === 'string' ? [`${inner}[`] : textsOf(inner),
  );
}
