import {
  BatonError,
  NameSchema,
  withFields,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type NodeHandler,
  type ScopeExtras,
} from '@baton/core';
import { z } from 'zod';

/** What a map or a loop executes: a node without a place in the graph. Placeholders in its config may name `item`, `index`, `visit` and `last`. */
export const BodySchema = z.strictObject({
  type: NameSchema,
  config: z.record(z.string(), z.json()).default({}),
});

/** The body in a config that need not be valid; what is none has no type either. */
export function bodiesOf(config: JsonObject): Pick<z.infer<typeof BodySchema>, 'type' | 'config'>[] {
  const body = z.looseObject(BodySchema.shape).safeParse(config['body']);
  return body.success ? [{ type: body.data.type, config: body.data.config }] : [];
}

/** Finds the handler of a node type; undefined: this worker has none. */
export type FindHandler = (type: string) => NodeHandler | undefined;

interface BodySettings {
  /** What is executed, its placeholders not filled yet. */
  config: JsonObject;
  input: JsonValue;
  extras: ScopeExtras;
  /** Goes before the keys of its steps; null: its steps are those of the node. */
  steps: string | null;
  /** Goes behind the idempotency key; null: it is that of the node. */
  key: string | null;
  signal?: AbortSignal;
  mayWait: boolean;
}

/**
 * The context of a body: its steps stand in the journal of the node that holds it. It has no visits and no branches of its own.
 * @throws BatonError `expression_failed` when its config cannot be filled.
 */
export function bodyContext(context: NodeContext, settings: BodySettings): NodeContext {
  const { config, input, extras, steps, key, signal = context.signal, mayWait } = settings;
  const stepKey = (name: string): string => (steps === null ? name : `${steps}/${name}`);
  const { body, ...filled } = config;
  return {
    ...context,
    // What stands under `body` is filled by the map or loop that holds it.
    config: { ...(context.render(filled, extras) as JsonObject), ...(body !== undefined && { body }) },
    input,
    signal,
    ...(extras.index !== undefined && { log: withFields(context.log, { item: extras.index }) }),
    last: extras.last ?? null,
    idempotencyKey: key === null ? context.idempotencyKey : `${context.idempotencyKey}/${key}`,
    // What is last in a body is not in its node.
    step: (name, fn, { isLast: _isLast, ...options } = {}) =>
      context.step(stepKey(name), (stepSignal) => fn(AbortSignal.any([stepSignal, signal])), options),
    reserve: (name, wanted, own = signal) => context.reserve(stepKey(name), wanted, own),
    waitFor: (name, wait) =>
      mayWait
        ? context.waitFor(stepKey(name), wait)
        : Promise.reject(
            refusal(context, 'The body of a map cannot wait', 'Wait in a node before or after the map, or in a loop.'),
          ),
    patch: (name, operations, reason) => context.patch(stepKey(name), operations, reason),
    runChildren: (name, children) =>
      mayWait
        ? context.runChildren(stepKey(name), children)
        : Promise.reject(
            refusal(
              context,
              'What a map does cannot wait for child runs',
              'Use a body of the type `workflow`, or a node of its own.',
            ),
          ),
    continueAsNew: () => {
      throw refusal(context, 'A body cannot end its run', 'Use a node of the type `continue_as_new`.');
    },
    evaluate: (text, more) => context.evaluate(text, { ...extras, ...more }),
    render: (template, more) => context.render(template, { ...extras, ...more }),
    skip: () => undefined,
    repeat: () => {
      throw refusal(context, 'A body cannot repeat itself', 'Let the loop hold the map, or use a node of its own.');
    },
  };
}

/** @throws BatonError `workflow_invalid` where this worker does not have the type. */
export function bodyHandler(context: NodeContext, type: string, find: FindHandler): NodeHandler {
  const handler = find(type);
  if (handler !== undefined) return handler;
  throw refusal(context, `This worker has no node type \`${type}\` for the body`, 'Use a type that every worker has.');
}

function refusal({ nodeId }: NodeContext, message: string, remedy: string): BatonError {
  return new BatonError(
    'workflow_invalid',
    `${message} (node \`${nodeId}\`).`,
    { node_id: nodeId },
    { retryable: false, remedy },
  );
}
