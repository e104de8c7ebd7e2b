import { isScalar, parseDocument, visit, type Document } from 'yaml';
import type { DefinitionProblem, JsonValue, WorkflowSource } from '@baton/core';

/** A definition as a caller sends it: JSON that is parsed already, or text. */
export type SubmittedDefinition = { format: 'json'; json: JsonValue } | { format: 'yaml'; text: string };

/** What stands in a submitted definition. `pointer` leads to it in what was sent. */
export interface ReadDefinition {
  json: JsonValue;
  source: WorkflowSource;
  pointer: string;
  problems: readonly DefinitionProblem[];
}

/** Aliases times what they stand for; see `maxAliasCount` of the package. */
const MAX_ALIAS_COUNT = 100;

/**
 * Reads a definition, which may stand under `definition` as an object or as text. YAML is read by the core schema of YAML 1.2: no other tags, no
 * key twice, few aliases, and nothing larger than `maxBytes`, expanded or not.
 */
export function readDefinition(submitted: SubmittedDefinition, maxBytes: number): ReadDefinition {
  if (submitted.format === 'yaml') return readYaml(submitted.text, '', maxBytes);
  const { json } = submitted;
  const inner =
    json !== null && typeof json === 'object' && !Array.isArray(json) && Object.hasOwn(json, 'definition')
      ? json['definition']!
      : null;
  if (typeof inner === 'string') return readYaml(inner, '/definition', maxBytes);
  const pointer = inner === null ? '' : '/definition';
  const text = JSON.stringify(inner ?? json);
  return { json: inner ?? json, source: { format: 'json', text }, pointer, problems: tooLarge(text, maxBytes) };
}

function readYaml(text: string, pointer: string, maxBytes: number): ReadDefinition {
  const read = (json: JsonValue, problems: readonly DefinitionProblem[]): ReadDefinition => ({
    json,
    source: { format: 'yaml', text },
    pointer,
    problems,
  });
  const large = tooLarge(text, maxBytes);
  if (large.length > 0) return read(null, large);
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      resolveKnownTags: false,
      uniqueKeys: false,
      stringKeys: true,
    });
    const problems = yamlProblems(document);
    if (problems.length > 0) return read(null, problems);
    const json = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) as JsonValue;
    const expanded = expandedTooLarge(json, maxBytes);
    return expanded.length > 0 ? read(null, expanded) : read(json, []);
  } catch (error) {
    // Aliases without end or bound, and nesting that no stack holds.
    const message = error instanceof RangeError ? 'nested too deeply' : error instanceof Error ? error.message : String(error);
    return read(null, [syntaxProblem(message)]);
  }
}

/** Whatever the package only warns of, such as a tag that it does not know, is refused too. */
function yamlProblems(document: Document.Parsed): DefinitionProblem[] {
  const problems = [...document.errors, ...document.warnings].slice(0, 20).map((error) => {
    const [place] = error.linePos ?? [];
    const message = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, '');
    return syntaxProblem(place === undefined ? message : `line ${place.line}, column ${place.col}: ${message}`);
  });
  if (document.directives.yaml.version !== '1.2') problems.push(syntaxProblem('only YAML 1.2 is read'));
  return problems.length > 0 ? problems : doubledKeys(document);
}

/** The package compares every key with every other one, which takes minutes on a large map. */
function doubledKeys(document: Document.Parsed): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name: unknown = isScalar(key) ? key.value : key;
        if (seen.has(name)) problems.push(syntaxProblem(`the key \`${String(name)}\` stands twice in one map`));
        seen.add(name);
      }
    },
  });
  return problems;
}

function tooLarge(text: string, maxBytes: number): DefinitionProblem[] {
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? [sizeProblem(`the definition has ${bytes} bytes; at most ${maxBytes} are allowed`)] : [];
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
  return left < 0 ? [sizeProblem(`with its aliases expanded the definition has more than ${maxBytes} bytes`)] : [];
}

function sizeProblem(message: string): DefinitionProblem {
  return { pointer: '', code: 'limit_exceeded', message, remedy: 'Make it smaller, or raise `WORKFLOW_MAX_BYTES`.' };
}

function syntaxProblem(message: string): DefinitionProblem {
  return { pointer: '', code: 'syntax', message, remedy: 'Send YAML 1.2 or JSON.' };
}
