import type { ChatTool, JsonValue } from '@baton/core';
import { z } from 'zod';

/** Lets an agent change the run that it works in. */
export const PATCH_TOOL: ChatTool = {
  name: 'patch_workflow',
  description:
    'Changes the workflow that you work in by JSON Patch (RFC 6902). `nodes` is a list: add a node at `/nodes/-`. A node has an `id`, a `type`, ' +
    '`depends_on` (ids of nodes that come before it; name your own to run after you) and a `config`. Nodes that have started cannot be changed.',
  parameters: {
    type: 'object',
    properties: {
      patch: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
            path: { type: 'string', description: 'A JSON pointer into the definition.' },
            from: { type: 'string' },
            value: {},
          },
          required: ['op', 'path'],
        },
      },
      reason: { type: 'string', description: 'Why, in one sentence.' },
    },
    required: ['patch', 'reason'],
  },
};

const PatchArguments = z.object({ patch: z.array(z.unknown()), reason: z.string().trim().min(1).max(500) });

/** The arguments of a call of {@link PATCH_TOOL}, or what is wrong with them. */
export function readPatchArguments(text: string): { patch: JsonValue; reason: string } | { problem: string } {
  try {
    const { success, data, error } = PatchArguments.safeParse(JSON.parse(text));
    return success ? { patch: data.patch as JsonValue, reason: data.reason } : { problem: z.prettifyError(error) };
  } catch {
    return { problem: 'the arguments are not JSON' };
  }
}
