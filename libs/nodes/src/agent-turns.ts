import { PATCH_TOOL, readPatchArguments } from '@baton/agents';
import {
  toWireStepUsage,
  type ChatMessage,
  type ChatReply,
  type ChatTool,
  type JsonValue,
  type NodeContext,
  type ToolCall,
  type WireStepUsage,
} from '@baton/core';

/** A reply of the model as it is journaled. */
export type AgentTurn = {
  content: string;
  model: string;
  usage: WireStepUsage;
  tool_calls?: { id: string; name: string; arguments: string }[];
};

/** A tool that the agent has called. */
export type CalledTool = {
  name: string;
  /** What it said. */
  result: JsonValue;
};

/** The tools that there are, by name; an agent may name others, which it is not offered. */
const TOOLS: ReadonlyMap<string, ChatTool> = new Map([[PATCH_TOOL.name, PATCH_TOOL]]);

export function findTools(names: readonly string[]): ChatTool[] {
  return names.flatMap((name) => TOOLS.get(name) ?? []);
}

/** `asked`: who answered whom. */
export function toTurn(
  { content, model, name, usage, toolCalls }: ChatReply,
  asked: { provider: string; agent: string },
): AgentTurn {
  return {
    content,
    model,
    usage: toWireStepUsage({
      modelCalls: 1,
      costMicros: 0,
      ...usage,
      model: name ?? `${asked.provider}/${model}`,
      agent: asked.agent,
    }),
    ...(toolCalls !== undefined && { tool_calls: toolCalls.map((call) => ({ ...call })) }),
  };
}

/** The turn, and the answers of the tools that it asked for, as the model is shown them next. */
export function turnMessages({ content, tool_calls: toolCalls = [] }: AgentTurn, called: readonly CalledTool[]): ChatMessage[] {
  return [
    { role: 'assistant', content, toolCalls },
    ...toolCalls.map(({ id: callId }, index): ChatMessage => {
      return { role: 'tool', callId, content: JSON.stringify(called[index]!.result) };
    }),
  ];
}

/** Calls a tool for an agent. What goes wrong is its result: the model reads it, and can do better. `key`: of its journaled step. */
export async function callTool(context: NodeContext, key: string, { name, arguments: text }: ToolCall): Promise<CalledTool> {
  if (name !== PATCH_TOOL.name) return { name, result: { error: `There is no tool \`${name}\`.` } };
  const read = readPatchArguments(text);
  if ('problem' in read) return { name, result: { error: read.problem } };
  return { name, result: await context.patch(key, read.patch, read.reason) };
}
