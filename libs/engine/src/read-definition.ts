import { isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { DefinitionLimits, DefinitionProblem, JsonValue, WorkflowSource } from '@baton/core';

/** A definition as a caller sends it: JSON that is parsed already, or text. */
export type SubmittedDefinition = { format: 'json'; json: JsonValue } | { format: 'yaml'; text: string };

/** What stands in a submitted definition. `pointer` leads to it in what was sent. */
export interface ReadDefinition {
  json: JsonValue;
  source: WorkflowSource;
  pointer: string;
  problems: readonly DefinitionProblem[];
}

/** Each one costs the package a walk through the document. */
const MAX_ALIASES = 100;
/** Problems of syntax that are told. */
const MAX_PROBLEMS = 20;

/**
 * Reads a definition, which may stand under `definition` as an object or as text. YAML is read by the core schema of YAML 1.2: no other tags, no
 * key twice, few aliases, and nothing larger than the limits, expanded or not.
 */
export function readDefinition(
  submitted: SubmittedDefinition,
  limits: Pick<DefinitionLimits, 'maxBytes' | 'maxYamlBytes'>,
): ReadDefinition {
  if (submitted.format === 'yaml') return readYaml(submitted.text, '', limits.maxYamlBytes);
  const { json } = submitted;
  const inner =
    json !== null && typeof json === 'object' && !Array.isArray(json) && Object.hasOwn(json, 'definition')
      ? json['definition']!
      : null;
  if (typeof inner === 'string') return readYaml(inner, '/definition', limits.maxYamlBytes);
  const pointer = inner === null ? '' : '/definition';
  const text = JSON.stringify(inner ?? json);
  return {
    json: inner ?? json,
    source: { format: 'json', text },
    pointer,
    problems: tooLarge(text, limits.maxBytes, 'WORKFLOW_MAX_BYTES'),
  };
}

function readYaml(text: string, pointer: string, maxBytes: number): ReadDefinition {
  const read = (json: JsonValue, problems: readonly DefinitionProblem[]): ReadDefinition => ({
    json,
    source: { format: 'yaml', text },
    pointer,
    problems,
  });
  const large = tooLarge(text, maxBytes, 'WORKFLOW_MAX_YAML_BYTES');
  if (large.length > 0) return read(null, large);
  try {
    const { document, problems } = parseYaml(text);
    if (problems.length > 0) return read(null, problems);
    const json = document.toJS({ maxAliasCount: MAX_ALIASES }) as JsonValue;
    const expanded = expandedTooLarge(json, maxBytes);
    return expanded.length > 0 ? read(null, expanded) : read(json, []);
  } catch (error) {
    // Aliases of nothing, and nesting that no stack holds.
    const message = error instanceof RangeError ? 'nested too deeply' : error instanceof Error ? error.message : String(error);
    return read(null, [syntaxProblem(message)]);
  }
}

/** Whatever the package only warns of, such as a tag that it does not know, is refused too. */
function parseYaml(text: string): { document: Document.Parsed; problems: readonly DefinitionProblem[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    ...{ version: '1.2', schema: 'core', resolveKnownTags: false, uniqueKeys: false, stringKeys: true },
    ...{ lineCounter, prettyErrors: false },
  });
  const problems = [...document.errors, ...document.warnings].slice(0, MAX_PROBLEMS).map(({ message, pos }) => {
    const { line, col } = lineCounter.linePos(pos[0]);
    return syntaxProblem(`line ${line}, column ${col}: ${message}`);
  });
  if (document.directives.yaml.version !== '1.2') problems.push(syntaxProblem('only YAML 1.2 is read'));
  return { document, problems: problems.length > 0 ? problems : structureProblems(document) };
}

/** Doubled keys, since the package compares every key with every other one, which takes minutes on a large map; and too many aliases. */
function structureProblems(document: Document.Parsed): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  let aliases = 0;
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name: unknown = isScalar(key) ? key.value : key;
        if (seen.has(name)) problems.push(syntaxProblem(`the key \`${String(name)}\` stands twice in one map`));
        seen.add(name);
      }
    },
    Alias: () => {
      aliases += 1;
    },
  });
  if (aliases > MAX_ALIASES) problems.push(syntaxProblem(`${aliases} aliases; at most ${MAX_ALIASES} are allowed`));
  return problems.slice(0, MAX_PROBLEMS);
}

function tooLarge(text: string, maxBytes: number, setting: string): DefinitionProblem[] {
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? [sizeProblem(`the definition has ${bytes} bytes; at most ${maxBytes} are allowed`, setting)] : [];
}

/** An alias stands for its node as often as it is used. */
function expandedTooLarge(json: JsonValue, maxBytes: number): DefinitionProblem[] {
  let left = maxBytes;
  const open: JsonValue[] = [json];
  for (let value = open.pop(); value !== undefined && left >= 0; value = open.pop()) {
    left -= typeof value === 'string' ? value.length : 1;
    if (value === null || typeof value !== 'object') continue;
    if (!Array.isArray(value)) for (const key of Object.keys(value)) left -= key.length;
    for (const inner of Object.values(value)) open.push(inner);
  }
  return left < 0
    ? [sizeProblem(`with its aliases expanded the definition has more than ${maxBytes} bytes`, 'WORKFLOW_MAX_YAML_BYTES')]
    : [];
}

function sizeProblem(message: string, setting: string): DefinitionProblem {
  return { pointer: '', code: 'limit_exceeded', message, remedy: `Make it smaller, or raise \`${setting}\`.` };
}

function syntaxProblem(message: string): DefinitionProblem {
  return { pointer: '', code: 'syntax', message, remedy: 'Send YAML 1.2 or JSON.' };
}
