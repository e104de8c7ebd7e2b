import { BatonError, type Clock, type JsonObject, type JsonValue } from '@baton/core';
import { z } from 'zod';
import { AgentTool, type ToolContext } from './agent-tool.js';
import { boundResult } from './tool-result.js';

const Arguments = z.object({
  question: z.string().trim().min(1).max(500).describe('One question that a person can answer without seeing this conversation.'),
  deadline_seconds: z
    .number()
    .positive()
    .max(31_536_000)
    .optional()
    .describe('Go on without an answer after so long; without it, wait for as long as it takes.'),
});
type Arguments = z.infer<typeof Arguments>;

const Decision = z.looseObject({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().nullish(),
  by: z.string().nullish(),
  payload: z.json().optional(),
});

/** Asks a person by an approval, and waits for days at no cost: the run is parked meanwhile. */
export class AskPersonTool extends AgentTool<Arguments> {
  readonly name = 'ask_person';
  readonly description =
    'Asks a person, and waits for the answer, which may take days. Use it where a person must decide or knows what you cannot find out.';
  readonly parameters = Arguments;
  override readonly example: JsonObject = { question: 'May I send the summary to the customer?' };

  constructor(private readonly clock: Clock) {
    super();
  }

  async call(context: ToolContext, { question, deadline_seconds: deadline }: Arguments, key: string): Promise<JsonValue> {
    // A step: the deadline is the same when the node is entered again.
    const until =
      deadline === undefined ? null : await context.step(`${key}/until`, () => this.clock.now() + Math.round(deadline * 1_000));
    try {
      const wait = { awaits: { kind: 'approval' }, until, reason: `asked by an agent: ${question}` } as const;
      const result = await context.waitFor(key, wait);
      if (result.kind === 'timeout') return { answered: false, note: 'Nobody answered in time.' };
      const { decision, comment = null, by = null, payload = null } = Decision.parse(result.payload);
      return boundResult({ answered: true, decision, comment, by, payload });
    } catch (error) {
      // Where a node cannot wait, as in a map, it never can.
      if (error instanceof BatonError && error.code === 'workflow_invalid') return { error: error.message };
      throw error;
    }
  }
}
