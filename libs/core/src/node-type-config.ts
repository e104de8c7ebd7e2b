import { childProblems } from './child-definition.js';
import type { DefinitionProblem } from './definition-problem.js';
import type { Graph } from './graph-order.js';
import type { JsonObject, JsonValue } from './json.js';
import type { NodeDefinition } from './workflow-definition.js';

/** The fields of a config that are expressions as they stand, by node type. `*` is every entry of a list. */
const EXPRESSION_FIELDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  transform: [['expression']],
  condition: [['if']],
  switch: [['cases', '*', 'when']],
  map: [['items']],
  loop: [['until']],
  http: [['output']],
  report: [['from']],
};

/** The fields that name the nodes of a branch. */
const BRANCH_FIELDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  condition: [
    ['then', '*'],
    ['else', '*'],
  ],
  switch: [
    ['cases', '*', 'then', '*'],
    ['default', '*'],
  ],
};

/** What cannot stand in the body of these types: nothing in a map waits, and only a node has visits. */
const NO_BODY: Readonly<Record<string, readonly string[]>> = {
  map: ['wait', 'approval', 'loop', 'continue_as_new'],
  loop: ['loop', 'continue_as_new'],
};
/** An undoing is one go: it neither waits nor is visited again. */
const NO_UNDO: readonly string[] = ['wait', 'approval', 'loop', 'workflow', 'continue_as_new'];

/** A text within a config, and where it stands. */
export interface ConfigText {
  pointer: string;
  text: string;
}

/** The expressions in a config of a built-in type, those of its body included. */
export function configExpressions(type: string, config: JsonObject): ConfigText[] {
  const own = textsAt(config, EXPRESSION_FIELDS[type] ?? []).filter(({ text }) => !text.includes('${{'));
  const body = bodyOf(type, config);
  if (body === null) return own;
  const inner = configExpressions(body.type, body.config);
  return [...own, ...inner.map(({ pointer, text }) => ({ pointer: `/body/config${pointer}`, text }))];
}

/** What is wrong with branches, bodies and undoings of built-in types. */
export function nodeTypeProblems(nodes: readonly NodeDefinition[], graph: Graph): DefinitionProblem[] {
  const own = nodes.flatMap(({ type, config, compensate }, index) => [
    ...branchProblems(nodes, graph, index),
    ...bodyProblems(type, config, `/nodes/${index}/config`),
    ...(compensate === undefined ? [] : undoProblems(compensate.type, compensate.config, `/nodes/${index}/compensate`)),
  ]);
  return [...own, ...childProblems(nodes, graph)];
}

/** A branch can only skip what comes directly after the node: what it names in vain would run. */
function branchProblems(nodes: readonly NodeDefinition[], graph: Graph, index: number): DefinitionProblem[] {
  const { id, type, config } = nodes[index]!;
  return textsAt(config, BRANCH_FIELDS[type] ?? []).flatMap(({ pointer, text }): DefinitionProblem[] => {
    const target = graph.indexById.get(text);
    if (target !== undefined && nodes[target]!.depends_on.includes(id)) return [];
    const message =
      target === undefined
        ? `no node has the id \`${text}\``
        : `\`${text}\` does not depend on \`${id}\`, so it is on no branch of it`;
    const remedy = target === undefined ? 'Name a node of this workflow.' : `Add \`${id}\` to its \`depends_on\`.`;
    return [{ pointer: `/nodes/${index}/config${pointer}`, code: 'unknown_reference', message, remedy }];
  });
}

function bodyProblems(type: string, config: JsonObject, pointer: string): DefinitionProblem[] {
  const body = bodyOf(type, config);
  if (body === null) return [];
  const inner = bodyProblems(body.type, body.config, `${pointer}/body/config`);
  if (!NO_BODY[type]!.includes(body.type)) return inner;
  const message = `a ${type} cannot have a body of the type \`${body.type}\``;
  const remedy = type === 'map' ? 'Wait or repeat in a node before or after the map.' : 'Let one loop do the work of both.';
  return [{ pointer: `${pointer}/body/type`, code: 'schema', message, remedy }, ...inner];
}

function undoProblems(type: string, config: JsonObject, pointer: string): DefinitionProblem[] {
  const inner = bodyProblems(type, config, `${pointer}/config`);
  const body = bodyOf(type, config);
  const remedy = 'Undo in one go, without waiting or repeating.';
  const refusal = (at: string, what: string): DefinitionProblem => ({
    ...{ pointer: at, code: 'schema', message: `what undoes a node cannot be ${what}`, remedy },
  });
  if (NO_UNDO.includes(type)) return [refusal(`${pointer}/type`, `of the type \`${type}\``)];
  if (body?.type !== 'workflow') return inner;
  return [refusal(`${pointer}/config/body/type`, 'a map over child runs'), ...inner];
}

function bodyOf(type: string, config: JsonObject): { type: string; config: JsonObject } | null {
  const body = Object.hasOwn(NO_BODY, type) ? config['body'] : undefined;
  if (!isObject(body) || typeof body['type'] !== 'string') return null;
  return { type: body['type'], config: isObject(body['config']) ? body['config'] : {} };
}

/** The texts that stand at these paths. */
function textsAt(json: JsonValue | undefined, paths: readonly (readonly string[])[], pointer = ''): ConfigText[] {
  return paths.flatMap(([key, ...rest]): ConfigText[] => {
    if (key === undefined) return typeof json === 'string' ? [{ pointer, text: json }] : [];
    if (key !== '*') return isObject(json) ? textsAt(json[key], [rest], `${pointer}/${key}`) : [];
    return Array.isArray(json) ? json.flatMap((item, index) => textsAt(item, [rest], `${pointer}/${index}`)) : [];
  });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
