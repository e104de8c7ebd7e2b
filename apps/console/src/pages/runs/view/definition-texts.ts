import type { Revision } from '../run-types.js';

interface Definition {
  readonly [field: string]: unknown;
}

/** What a patch changes, as texts from before and after: each node, and each field besides the nodes. Empty: it is not there. */
export function changedTexts(
  before: Definition,
  after: Definition,
  { nodes, fields }: Revision['diff'],
): { name: string; from: string; to: string }[] {
  const [old, made] = [nodesOf(before), nodesOf(after)];
  const ids = [...nodes.removed, ...nodes.changed, ...nodes.added];
  return [
    ...ids.map((id) => ({ name: id, from: textOf(old.get(id)), to: textOf(made.get(id)) })),
    ...fields.map((field) => ({ name: field, from: textOf(before[field]), to: textOf(after[field]) })),
  ];
}

function nodesOf({ nodes }: Definition): ReadonlyMap<string, unknown> {
  return new Map((nodes as { id: string }[]).map((node) => [node.id, node]));
}

function textOf(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}
