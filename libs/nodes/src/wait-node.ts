import { NodeHandler, NameSchema, type Awaited, type Clock, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

/** The config of `wait`. */
export const WaitConfig = z
  .strictObject({
    seconds: z.number().min(0).max(315_360_000).optional().describe('Seconds to wait. With an event: at most so long.'),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('The instant to wait for, ISO 8601. With an event: at most until then.'),
    event: NameSchema.optional().describe('The name of the event to wait for.'),
  })
  .refine(
    ({ seconds, until, event }) => seconds !== undefined || until !== undefined || event !== undefined,
    'set `seconds`, `until` or `event`',
  )
  .refine(({ seconds, until }) => seconds === undefined || until === undefined, 'set `seconds` or `until`, not both');

/** Waits for a time, an instant or an event, at no cost. Its output says what came: the event's payload, or that time has passed. */
export class WaitNode extends NodeHandler {
  readonly type = 'wait';

  constructor(private readonly clock: Clock) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, WaitConfig);
    // A step: the instant is the same when the node is entered again.
    const until = await context.step('until', () => {
      const deadline = deadlineOf(config, this.clock.now());
      const end = deadline === null ? {} : { until: new Date(deadline).toISOString() };
      context.log.debug('Waits', { ...(config.event !== undefined && { event: config.event }), ...end });
      return deadline;
    });
    const awaits: Awaited = config.event === undefined ? { kind: 'time' } : { kind: 'event', name: config.event };
    const reason = config.event === undefined ? 'waiting for its time' : `waiting for the event ${config.event}`;
    const result = await context.waitFor('wait', { awaits, until, reason });
    return result.kind === 'timeout' ? { timed_out: true } : { timed_out: false, payload: result.payload['payload'] ?? null };
  }
}

function deadlineOf({ seconds, until }: z.infer<typeof WaitConfig>, now: number): number | null {
  if (seconds !== undefined) return now + Math.round(seconds * 1_000);
  return until === undefined ? null : Date.parse(until);
}
