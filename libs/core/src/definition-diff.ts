import type { JsonValue } from './json.js';
import { canonicalJson, type NodeDefinition, type WorkflowDefinition } from './workflow-definition.js';

/** What one definition has that another has not; nodes by id, whatever their places. */
export interface DefinitionDiff {
  readonly nodes: { readonly added: string[]; readonly changed: string[]; readonly removed: string[] };
  readonly edges: { readonly added: readonly DefinitionEdge[]; readonly removed: readonly DefinitionEdge[] };
  /** Fields of the workflow besides its nodes. */
  readonly fields: readonly string[];
}

/** `to` depends on `from`. */
export interface DefinitionEdge {
  readonly from: string;
  readonly to: string;
}

/** What changes from one definition to the other. O(nodes + edges). */
export function diffDefinitions(before: WorkflowDefinition, after: WorkflowDefinition): DefinitionDiff {
  return {
    nodes: diffNodes(before.nodes, after.nodes),
    edges: diffEdges(before.nodes, after.nodes),
    fields: diffFields(before, after),
  };
}

/** Whether nothing changes that anybody would notice. */
export function isSameDefinition({ nodes, fields }: DefinitionDiff): boolean {
  return nodes.added.length + nodes.changed.length + nodes.removed.length + fields.length === 0;
}

export function diffNodes(before: readonly NodeDefinition[], after: readonly NodeDefinition[]): DefinitionDiff['nodes'] {
  const old = new Map(before.map((node) => [node.id, node]));
  const left = new Set(old.keys());
  const added: string[] = [];
  const changed: string[] = [];
  for (const node of after) {
    const known = old.get(node.id);
    left.delete(node.id);
    if (known === undefined) added.push(node.id);
    else if (known !== node && !isSame(known, node)) changed.push(node.id);
  }
  return { added, changed, removed: [...left] };
}

function diffEdges(before: readonly NodeDefinition[], after: readonly NodeDefinition[]): DefinitionDiff['edges'] {
  const old = edgesOf(before);
  const now = edgesOf(after);
  return {
    added: [...now].flatMap(([key, edge]) => (old.has(key) ? [] : [edge])),
    removed: [...old].flatMap(([key, edge]) => (now.has(key) ? [] : [edge])),
  };
}

function edgesOf(nodes: readonly NodeDefinition[]): Map<string, DefinitionEdge> {
  return new Map(nodes.flatMap(({ id: to, depends_on }) => depends_on.map((from) => [`${from} ${to}`, { from, to }])));
}

function diffFields(before: WorkflowDefinition, after: WorkflowDefinition): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  names.delete('nodes');
  const [old, now] = [before as Record<string, JsonValue>, after as Record<string, JsonValue>];
  return [...names].filter((name) => !isSame(old[name], now[name]));
}

function isSame(left: JsonValue | NodeDefinition | undefined, right: JsonValue | NodeDefinition | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalJson(left) === canonicalJson(right);
}
