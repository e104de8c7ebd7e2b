import { NodeHandler, runChild, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';

/** The workflow of a child, where a map or a node names it. */
export const ChildConfig = z.strictObject({
  workflow: z.string().min(1).max(64).describe('Its id or name.'),
  version: z.int().min(1).optional().describe('The newest when absent.'),
  input: z.json().optional().describe('The input of the child; that of the node, or the item of the map, when absent.'),
});

/** Runs a workflow as a run of its own, on any worker, and waits for its end at no cost. Its output is that of the child. */
export class WorkflowNode extends NodeHandler {
  readonly type = 'workflow';

  async execute(context: NodeContext): Promise<JsonValue> {
    const { workflow, version, input = context.input } = parseConfig(context, ChildConfig);
    return runChild(context, 'child', { workflow, input, ...(version !== undefined && { version }) });
  }
}
