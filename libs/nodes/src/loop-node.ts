import { BatonError, NodeHandler, type JsonObject, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { bodiesOf, bodyContext, bodyHandler, BodySchema, type FindHandler } from './body-context.js';
import { parseConfig } from './node-config.js';
import { ExpressionText, testExpression } from './node-expression.js';

/** The config of `loop`. */
export const LoopConfig = z.strictObject({
  body: BodySchema,
  until: ExpressionText.describe(
    'Asked after each execution of the body, with its number as `visit` and its output as `last`: true ends the loop.',
  ),
  max_visits: z.int().min(1).max(100_000).describe('Executions of the body at most.'),
  on_limit: z.enum(['fail', 'continue']).default('fail').describe('What follows when `until` is still false after the last one.'),
});

/**
 * Executes its body until a condition holds: one visit of the node for each execution, journaled as such, so that a crash or a wait repeats
 * none that is done. In the body's config `last` is the output of the execution before.
 */
export class LoopNode extends NodeHandler {
  readonly type = 'loop';

  constructor(private readonly find: FindHandler) {
    super();
  }

  override bodies(config: JsonObject) {
    return bodiesOf(config);
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const { body, until, max_visits: maxVisits, on_limit: onLimit } = parseConfig(context, LoopConfig);
    const { visit } = context;
    const extras = { visit, last: (context.last as JsonObject | null)?.['output'] ?? null };
    const handler = bodyHandler(context, body.type, this.find);
    const output = await handler.execute(
      bodyContext(context, {
        ...{ config: body.config, input: context.input, extras },
        ...{ steps: null, key: null, mayWait: true },
      }),
    );
    const done = testExpression(context, until, { visit, last: output });
    if (!done && visit < maxVisits) context.repeat();
    else if (!done && onLimit === 'fail') throw neverDone(context, until);
    return { output, visits: visit, done };
  }
}

function neverDone({ nodeId, visit }: NodeContext, until: string): BatonError {
  return new BatonError(
    'node_failed',
    `After ${visit} visits \`${until.slice(0, 200)}\` is still false.`,
    { node_id: nodeId },
    { retryable: false, remedy: 'Raise `max_visits`, or set `on_limit` to `continue`.' },
  );
}
