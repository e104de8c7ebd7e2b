import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';
import { ExpressionText } from './node-expression.js';

/** The config of `transform`. */
export const TransformConfig = z.union(
  [
    z.strictObject({ value: z.json().describe('Any JSON; the placeholders in its texts are filled.') }),
    z.strictObject({ expression: ExpressionText.describe('An expression that gives the value.') }),
  ],
  'set either `value` or `expression`',
);

/** Makes a value of what the nodes before it gave. Pure: it calls nobody. */
export class TransformNode extends NodeHandler {
  readonly type = 'transform';

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, TransformConfig);
    return 'value' in config ? config.value : context.evaluate(config.expression);
  }
}
