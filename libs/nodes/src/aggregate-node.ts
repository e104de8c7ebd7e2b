import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

/** The config of `aggregate`. */
export const AggregateConfig = z.strictObject({
  mode: z
    .enum(['list', 'object', 'concat', 'first'])
    .default('list')
    .describe(
      '`list`: `{items: […]}`, in the order of `depends_on`; `object`: by the id of the node; `concat`: lists put together, or texts, a blank line between them; `first`: the first in that order. All but `object` leave out what is null, such as the output of a skipped node.',
    ),
});

/** Joins the outputs of the nodes that it depends on. */
export class AggregateNode extends NodeHandler {
  readonly type = 'aggregate';

  execute(context: NodeContext): Promise<JsonValue> {
    const { mode } = parseConfig(context, AggregateConfig);
    const present = Object.values(context.outputs).filter((output) => output !== null);
    switch (mode) {
      case 'object':
        return Promise.resolve(context.outputs);
      case 'first':
        return Promise.resolve(present[0] ?? null);
      case 'concat':
        return Promise.resolve(concatenate(present));
      case 'list':
        return Promise.resolve({ items: present });
    }
  }
}

function concatenate(outputs: readonly JsonValue[]): JsonValue {
  if (outputs.length > 0 && outputs.every((output) => typeof output === 'string')) return outputs.join('\n\n');
  return outputs.flatMap((output) => (Array.isArray(output) ? output : [output]));
}
