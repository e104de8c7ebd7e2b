import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

const ContinueConfig = z.strictObject({
  /** The input of the run that goes on; that of the node when absent. */
  input: z.json().optional(),
});

/** Lets an endless run go on in a fresh one, so that no journal grows for ever. The last thing a run does. */
export class ContinueAsNewNode extends NodeHandler {
  readonly type = 'continue_as_new';

  async execute(context: NodeContext): Promise<JsonValue> {
    const { input = context.input } = parseConfig(context, ContinueConfig);
    context.continueAsNew(input);
    return null;
  }
}
