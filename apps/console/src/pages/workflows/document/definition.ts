import { isObject, type Json, type JsonObject } from './json.js';

/** A node as far as drawing it needs; whatever else stands in it, valid or not, is in `value`. */
export interface DefinitionNode {
  readonly id: string;
  readonly type: string;
  readonly dependsOn: readonly string[];
  /** Its place in the list of nodes. */
  readonly index: number;
  readonly value: JsonObject;
}

/** What a graph is drawn of: the contract of the shared graph component. */
export interface FlowNode {
  id: string;
  title: string;
  kind: string;
  after: string[];
}

/** How a definition says its steps: as nodes, which the builder edits, or in a form that the API translates to them. */
export type DefinitionForm = 'nodes' | 'tasks' | 'pattern' | 'empty';

export function formOf(json: Json | undefined): DefinitionForm {
  if (!isObject(json)) return 'empty';
  const inner = isObject(json['workflow']) ? json['workflow'] : json;
  if ('tasks' in inner) return 'tasks';
  if (inner !== json || 'nodes' in json) return 'nodes';
  return typeof json['orchestration_pattern'] === 'string' ? 'pattern' : 'nodes';
}

/** The nodes of a canonical definition; what has no id cannot be drawn and is left out. */
export function nodesOf(json: unknown): DefinitionNode[] {
  const nodes = isObject(json) ? json['nodes'] : undefined;
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((value, index): DefinitionNode[] => {
    if (!isObject(value) || typeof value['id'] !== 'string' || value['id'] === '') return [];
    const type = typeof value['type'] === 'string' ? value['type'] : '';
    return [{ id: value['id'], type, dependsOn: textsOf(value['depends_on']), index, value }];
  });
}

/** The graph of a canonical definition. A doubled id stands once, and what nobody has is no predecessor. */
export function flowOf(nodes: readonly DefinitionNode[]): FlowNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return [...byId.values()].map(({ id, type, dependsOn }) => ({
    ...{ id, title: id, kind: type },
    after: [...new Set(dependsOn)].filter((before) => before !== id && byId.has(before)),
  }));
}

/** All that comes before a node, near and far. */
export function upstreamOf(nodes: readonly DefinitionNode[], id: string): Set<string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const open = [...(byId.get(id)?.dependsOn ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(byId.get(next)?.dependsOn ?? []));
  }
  return found;
}

/** An id that nobody has: the wish itself, or with a number behind it. */
export function freeId(taken: ReadonlySet<string>, wish: string): string {
  if (!taken.has(wish)) return wish;
  let number = 2;
  while (taken.has(`${wish}-${number}`)) number += 1;
  return `${wish}-${number}`;
}

/** The branches of a condition or switch, as the words on its edges: by the node that they lead to. */
export function branchLabels({ type, value }: DefinitionNode): Map<string, string> {
  const config = isObject(value['config']) ? value['config'] : {};
  const labels = new Map<string, string>();
  const name = (targets: Json | undefined, label: string): void => {
    for (const id of textsOf(targets)) labels.set(id, labels.has(id) ? `${labels.get(id)}, ${label}` : label);
  };
  if (type === 'condition') {
    name(config['then'], 'then');
    name(config['else'], 'else');
  }
  if (type === 'switch') {
    const cases = Array.isArray(config['cases']) ? config['cases'] : [];
    cases.forEach((one, index) => name(isObject(one) ? one['then'] : undefined, `case ${index + 1}`));
    name(config['default'], 'default');
  }
  return labels;
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
