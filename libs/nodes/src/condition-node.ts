import { NameSchema, NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';
import { ExpressionText, testExpression } from './node-expression.js';

/** The config of `condition`. */
export const ConditionConfig = z.strictObject({
  if: z.union([ExpressionText, z.boolean()]).describe('An expression, or a placeholder that has become true or false.'),
  then: z
    .array(NameSchema)
    .default([])
    .describe('The nodes after this one that run when it is true, and are skipped when it is false.'),
  else: z.array(NameSchema).default([]).describe('The same, the other way round.'),
});

/** Takes one of two branches: skips the nodes of the other. Nodes after it that it does not name run either way. */
export class ConditionNode extends NodeHandler {
  readonly type = 'condition';

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, ConditionConfig);
    const result = typeof config.if === 'boolean' ? config.if : testExpression(context, config.if);
    const [taken, other] = result ? [config.then, config.else] : [config.else, config.then];
    context.skip(
      other.filter((id) => !taken.includes(id)),
      `\`${context.nodeId}\` is ${result}`,
    );
    return { result };
  }
}
