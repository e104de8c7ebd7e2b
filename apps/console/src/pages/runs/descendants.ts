/** A node and all that depend on it, however far. */
export function descendantsOf(id: string, nodes: readonly { id: string; after: readonly string[] }[]): ReadonlySet<string> {
  const dependents = new Map<string, string[]>();
  for (const node of nodes) for (const one of node.after) dependents.set(one, [...(dependents.get(one) ?? []), node.id]);
  const found = new Set([id]);
  for (const one of found) for (const dependent of dependents.get(one) ?? []) found.add(dependent);
  return found;
}
