import type { JournalEvent, JsonValue } from '@baton/core';
import type { Effect } from './effect-sink.js';
import type { SimGraph } from './graph-draft.js';

/**
 * After de-duplication by key every completed visit of a node has had its effect once, and no visit has had more. A key is
 * `run/node/visit`, with what a map or an undoing adds to it, whatever the attempt.
 */
export function* effectProblems(
  runId: string,
  events: readonly JournalEvent[],
  effects: readonly Effect[],
  graph: SimGraph,
  input: JsonValue,
): Generator<string> {
  const keysOf = Map.groupBy(effects, ({ nodeId, visit, undo }) => `${nodeId}/${visit}${undo ? '/undo' : ''}`);
  for (const [place, sent] of keysOf) {
    const keys = new Set(sent.map(({ key }) => key));
    const { nodeId, undo } = sent[0]!;
    const items = undo ? null : itemsOf(graph, nodeId, input);
    const own = `${runId}/${place}`;
    const isOwn = (key: string): boolean => (items === null ? key === own : key.startsWith(`${own}/`));
    for (const key of keys) if (!isOwn(key)) yield `an effect of ${place} has the key ${key}`;
    if (keys.size > (items ?? 1)) yield `${place} had effects under ${keys.size} keys: ${[...keys].join(', ')}`;
  }
  for (const { type, nodeId, visit } of events) {
    const ended = type === 'node.completed' || type === 'node.repeated';
    if (ended && hasEffect(graph, nodeId!) && !keysOf.has(`${nodeId}/${visit}`))
      yield `${nodeId}/${visit} ended without its effect`;
    if (type === 'compensation.completed' && !keysOf.has(`${nodeId}/${visit}/undo`))
      yield `${nodeId} was undone without its effect`;
  }
}

/** How many items a map has, each with a key of its own; null: it is none. */
function itemsOf({ nodes }: SimGraph, nodeId: string, input: JsonValue): number | null {
  return nodes[nodeId]!.type === 'map' ? (input as { list: unknown[] }).list.length : null;
}

/** Whether every visit that ends well has had an effect; a map that joins early may have had one for some items only. */
function hasEffect({ nodes }: SimGraph, nodeId: string): boolean {
  const { type = 'work', config } = nodes[nodeId]!;
  const own: { effect?: boolean; body?: { config?: { effect?: boolean } } } = config ?? {};
  return type === 'work' || type === 'call' ? own?.effect === true : own?.body?.config?.effect === true;
}
