import type { JsonValue } from '@baton/core';
import { z } from 'zod';
import { AgentTool, type ToolContext } from './agent-tool.js';

/** The name of {@link HandoffTool}. */
export const HANDOFF_TOOL = 'handoff';

/** What the tool says, and what it is told. */
export const HandoffSchema = z.object({ to: z.string(), note: z.string() });

/** Hands the work over to another agent. It belongs to one agent at one time, so it is made for each conversation. */
export class HandoffTool extends AgentTool<{ to: string; note: string }> {
  readonly name = HANDOFF_TOOL;
  readonly description: string;
  readonly parameters;
  override readonly example;

  constructor(others: readonly { name: string; description: string }[]) {
    super();
    const list = others.map(({ name, description }) => (description === '' ? `\`${name}\`` : `\`${name}\` (${description})`));
    this.description = `Hands the work over to another agent, who sees all that was said, and ends your part: ${list.join(', ')}.`;
    this.parameters = z.object({
      to: z.enum(others.map(({ name }) => name)).describe('Who takes over.'),
      note: z.string().trim().min(1).max(5_000).describe('What is done, and what is left to do.'),
    });
    this.example = { to: others[0]!.name, note: 'The order is found; the refund is left to do.' };
  }

  call(context: ToolContext, handoff: { to: string; note: string }, key: string): Promise<JsonValue> {
    return context.step(key, () => handoff);
  }
}
