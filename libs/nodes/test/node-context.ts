import type { JsonValue, NodeContext } from '@baton/core';

/** A handler's context for tests, with the journal of its steps in memory: pass it on to replay them. */
export function nodeContext(more: Partial<NodeContext> = {}, steps = new Map<string, JsonValue>()): NodeContext {
  const signal = more.signal ?? new AbortController().signal;
  return {
    runId: 'run',
    tenantId: 'default',
    taskId: null,
    nodeId: 'node',
    visit: 1,
    attempt: 1,
    idempotencyKey: 'run/node/1',
    input: {},
    config: {},
    outputs: {},
    signal,
    async step<T extends JsonValue>(key: string, fn: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
      if (!steps.has(key)) steps.set(key, JSON.parse(JSON.stringify(await fn(signal))) as JsonValue);
      return steps.get(key) as T;
    },
    ...more,
  };
}
