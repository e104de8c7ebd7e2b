import { canonicalJson, NameSchema, NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';
import { ExpressionText, testExpression } from './node-expression.js';

const Case = z.union(
  [
    z.strictObject({ when: z.union([ExpressionText, z.boolean()]), then: z.array(NameSchema) }),
    z.strictObject({ equals: z.json(), then: z.array(NameSchema) }),
  ],
  'set either `when` or `equals`, and `then`',
);
type Case = z.infer<typeof Case>;

/** The config of `switch`. */
export const SwitchConfig = z
  .strictObject({
    value: z.json().optional().describe('What the cases with `equals` are compared with.'),
    cases: z.array(Case).min(1).max(1_000).describe('The first one that fits is taken.'),
    default: z.array(NameSchema).default([]).describe('The nodes that run when no case fits.'),
  })
  .refine(({ value, cases }) => value !== undefined || cases.every((one) => 'when' in one), 'cases with `equals` need a `value`');

/** Takes the branch of the first case that fits, or the default one, and skips the nodes of all others. */
export class SwitchNode extends NodeHandler {
  readonly type = 'switch';

  async execute(context: NodeContext): Promise<JsonValue> {
    const { value, cases, default: otherwise } = parseConfig(context, SwitchConfig);
    const found = cases.findIndex((one) => fits(context, one, value as JsonValue));
    const taken = cases[found]?.then ?? otherwise;
    const named = new Set([...cases.flatMap(({ then }) => then), ...otherwise]);
    const reason = found < 0 ? `no case of \`${context.nodeId}\` fits` : `\`${context.nodeId}\` takes its case ${found}`;
    context.skip(
      [...named].filter((id) => !taken.includes(id)),
      reason,
    );
    return { case: found < 0 ? null : found, taken };
  }
}

function fits(context: NodeContext, one: Case, value: JsonValue): boolean {
  if ('equals' in one) return canonicalJson(one.equals) === canonicalJson(value);
  return typeof one.when === 'boolean' ? one.when : testExpression(context, one.when);
}
