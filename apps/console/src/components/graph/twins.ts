import type { GraphShape } from './graph-layout.js';

/** From so many on, nodes alike become a block. */
const MIN_TWINS = 9;

export interface Twins {
  /** Nodes by the block that they stand in. */
  readonly blocks: ReadonlyMap<string, readonly string[]>;
  readonly blockOf: ReadonlyMap<string, string>;
}

/** Nodes with the same dependencies and the same dependents, where there are many: a wide fan-out reads as one thing. */
export function twinsOf(nodes: readonly GraphShape[]): Twins {
  const dependents = new Map<string, string[]>();
  for (const { id, after } of nodes) {
    for (const dependency of after) {
      const known = dependents.get(dependency);
      if (known === undefined) dependents.set(dependency, [id]);
      else known.push(id);
    }
  }
  const alike = new Map<string, string[]>();
  for (const { id, after } of nodes) {
    const key = `${after.toSorted().join(' ')}|${(dependents.get(id) ?? []).join(' ')}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [id]);
    else known.push(id);
  }
  const blocks = new Map<string, readonly string[]>();
  const blockOf = new Map<string, string>();
  for (const members of alike.values()) {
    if (members.length < MIN_TWINS || members.length === nodes.length) continue;
    // No node has such an id: they have no spaces.
    const block = `block ${members[0]!}`;
    blocks.set(block, members);
    for (const member of members) blockOf.set(member, block);
  }
  return { blocks, blockOf };
}
