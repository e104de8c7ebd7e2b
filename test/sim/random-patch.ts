import type { JsonObject, JsonValue, WorkflowDefinition } from '@baton/core';
import type { Chance } from '../support/in-memory/index.js';
import { POOL } from './node-sketches.js';

/** Operations on a definition, most of which can be done. `newId`: of a node that they add. */
export function randomPatch(chance: Chance, { nodes }: WorkflowDefinition, newId: string): JsonValue {
  const place = chance.below(nodes.length);
  const { id, type } = nodes[place]!;
  const added: JsonObject = { id: newId, type: 'work', depends_on: [id], config: { ms: chance.pick([0, 100, 1_000]) } };
  const adds = { op: 'add', path: '/nodes/-', value: chance.happens(0.2) ? { ...added, pool: POOL } : added };
  const later = chance.below(nodes.length);
  return chance.pick<() => JsonValue>([
    () => [adds],
    () => [adds],
    // What was there waits for it: perhaps a cycle, perhaps too late.
    () => [adds, { op: 'add', path: `/nodes/${later}/depends_on/-`, value: newId }],
    () => [adds, { op: 'add', path: `/nodes/${nodes.length - 1}/depends_on/-`, value: newId }],
    () => [{ op: 'remove', path: `/nodes/${later}` }],
    () => [{ op: 'remove', path: `/nodes/${nodes.length - 1}` }],
    () => [{ op: type === 'work' ? 'add' : 'test', path: `/nodes/${place}/config/ms`, value: chance.below(100) }],
    () => [{ op: 'replace', path: '/concurrency', value: 1 + chance.below(10) }],
    () => [{ op: 'add', path: '/timeout', value: 1 }],
    () => [{ op: 'add', path: '/nodes/-', value: { id: newId } }],
    () => [{ op: 'add', path: '/nodes/0/__proto__/id', value: newId }],
  ])();
}
