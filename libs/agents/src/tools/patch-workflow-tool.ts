import type { JsonObject, JsonValue } from '@baton/core';
import { z } from 'zod';
import { AgentTool, type ToolContext } from './agent-tool.js';

const Operation = z.looseObject({
  op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
  path: z.string().describe('A JSON pointer into the definition.'),
  from: z.string().optional(),
  value: z.unknown().optional(),
});
const Arguments = z.object({
  patch: z.array(Operation),
  reason: z.string().trim().min(1).max(500).describe('Why, in one sentence.'),
});

/** Lets an agent change the run that it works in. What is not accepted is told with its problems, in words to act on. */
export class PatchWorkflowTool extends AgentTool<z.infer<typeof Arguments>> {
  readonly name = 'patch_workflow';
  readonly description =
    'Changes the workflow that you work in by JSON Patch (RFC 6902). `nodes` is a list: add a node at `/nodes/-`. A node has an `id`, a `type`, ' +
    '`depends_on` (ids of nodes that come before it; name your own to run after you) and a `config`. Nodes that have started cannot be changed.';
  readonly parameters = Arguments;
  override readonly example: JsonObject = {
    patch: [{ op: 'add', path: '/nodes/-', value: { id: 'helper', type: 'agent', depends_on: [], config: { role: 'draft' } } }],
    reason: 'The question has two parts.',
  };

  call(context: ToolContext, { patch, reason }: z.infer<typeof Arguments>, key: string): Promise<JsonValue> {
    return context.patch(key, patch as JsonValue, reason);
  }
}
