import {
  compileExpression,
  compileTemplate,
  silentLog,
  type ExpressionScope,
  type JsonValue,
  type NodeContext,
  type NodeWait,
  type WaitResult,
} from '@baton/core';

/** What a handler waits for, thrown as the engine does it. */
export class Waiting extends Error {
  constructor(
    readonly key: string,
    readonly wait: NodeWait,
  ) {
    super(`waits: ${wait.reason}`);
  }
}

/** A handler's context for tests, with the journal of its steps in memory: pass it on to replay them. */
export function nodeContext(more: Partial<NodeContext> = {}, steps = new Map<string, JsonValue>()): NodeContext {
  const scope = (): ExpressionScope => ({
    input: more.input ?? {},
    nodes: Object.fromEntries(
      Object.entries(more.outputs ?? {}).map(([id, output]) => [id, { output, status: 'completed', error: null }]),
    ),
    run: { id: 'run', task_id: null, tenant_id: 'default', workflow: 'flow' },
  });
  const signal = more.signal ?? new AbortController().signal;
  return {
    runId: 'run',
    tenantId: 'default',
    taskId: null,
    startedBy: 'ann',
    nodeId: 'node',
    visit: 1,
    attempt: 1,
    idempotencyKey: 'run/node/1',
    input: {},
    config: {},
    concurrency: 10,
    outputs: {},
    signal,
    log: silentLog,
    last: null,
    evaluate: (text, extras) => compileExpression(text).evaluate({ ...scope(), ...extras }),
    render: (template, extras) => compileTemplate(template).evaluate({ ...scope(), ...extras }),
    patch: () => Promise.reject(new Error('nothing patches')),
    skip: () => undefined,
    repeat: () => undefined,
    continueAsNew: () => undefined,
    runChildren: () => Promise.reject(new Error('no child runs here')),
    async step<T extends JsonValue>(key: string, fn: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
      if (!steps.has(key)) steps.set(key, JSON.parse(JSON.stringify(await fn(signal))) as JsonValue);
      return steps.get(key) as T;
    },
    reserve: () => Promise.resolve(false),
    /** A wait that has ended stands among the steps; another leaves the handler by throwing what it waits for. */
    waitFor(key: string, wait: NodeWait): Promise<WaitResult> {
      const ended = steps.get(key);
      return ended === undefined ? Promise.reject(new Waiting(key, wait)) : Promise.resolve(ended as unknown as WaitResult);
    },
    ...more,
  };
}
