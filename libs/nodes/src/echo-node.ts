import { setTimeout as pause } from 'node:timers/promises';
import { NodeHandler, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

/** The config of `echo`. */
export const EchoConfig = z.looseObject({
  delay_ms: z.int().min(0).max(3_600_000).optional().describe('Milliseconds that it pretends to work.'),
});

/** Returns its config but for `delay_ms`, or the run's input when nothing else is configured: for tests and measurements. */
export class EchoNode extends NodeHandler {
  readonly type = 'echo';

  async execute(context: NodeContext): Promise<JsonValue> {
    const { delay_ms: delayMs, ...rest } = parseConfig(context, EchoConfig);
    if (delayMs !== undefined) await pause(delayMs, undefined, { signal: context.signal });
    return Object.keys(rest).length > 0 ? (rest as JsonValue) : context.input;
  }
}
