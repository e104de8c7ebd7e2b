import { escapePointer } from './expression-template.js';
import { diffDefinitions } from './definition-diff.js';
import type { PatchOperation } from './json-patch.js';
import type { JsonValue } from './json.js';
import type { WorkflowDefinition } from './workflow-definition.js';

/** The operations that make one definition of the other. Nodes are told apart by their ids: those that stay are not written again. */
export function definitionPatch(before: WorkflowDefinition, after: WorkflowDefinition): PatchOperation[] {
  const { fields, nodes } = diffDefinitions(before, after);
  const target = after as unknown as Record<string, JsonValue>;
  const source = before as unknown as Record<string, JsonValue>;
  const operations = fields.map((field): PatchOperation => {
    const path = `/${escapePointer(field)}`;
    if (!Object.hasOwn(target, field)) return { op: 'remove', path };
    return { op: Object.hasOwn(source, field) ? 'replace' : 'add', path, value: target[field]! };
  });
  return [...operations, ...nodeOperations(before, after, nodes)];
}

function nodeOperations(
  before: WorkflowDefinition,
  after: WorkflowDefinition,
  { added, changed, removed }: ReturnType<typeof diffDefinitions>['nodes'],
): PatchOperation[] {
  const [isAdded, isChanged, isRemoved] = [new Set(added), new Set(changed), new Set(removed)];
  const kept = before.nodes.filter(({ id }) => !isRemoved.has(id)).map(({ id }) => id);
  const wanted = after.nodes.filter(({ id }) => !isAdded.has(id)).map(({ id }) => id);
  if (kept.some((id, place) => wanted[place] !== id)) return [{ op: 'replace', path: '/nodes', value: after.nodes as JsonValue }];
  const places = [...before.nodes.keys()].filter((place) => isRemoved.has(before.nodes[place]!.id));
  return [
    ...places.toReversed().map((place): PatchOperation => ({ op: 'remove', path: `/nodes/${place}` })),
    ...after.nodes.flatMap((node, place): PatchOperation[] => {
      const path = `/nodes/${place}`;
      if (isAdded.has(node.id)) return [{ op: 'add', path, value: node as JsonValue }];
      return isChanged.has(node.id) ? [{ op: 'replace', path, value: node as JsonValue }] : [];
    }),
  ];
}
