import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

/** The config of `continue_as_new`. */
export const ContinueConfig = z.strictObject({
  input: z.json().optional().describe('The input of the run that goes on; that of the node when absent.'),
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
