import {
  toWireStepUsage,
  type ChatMessage,
  type ChatReply,
  type JsonValue,
  type ToolCall,
  type WireStepUsage,
} from '@baton/core';
import type { ToolMistake, ToolOffer } from './tools/agent-tool.js';

/** What an agent asks of a tool, as it is journaled; with a mistake it never reaches the tool. */
export type AskedCall = { id: string; name: string; arguments: string; mistake?: ToolMistake };

/** A reply of the model as it is journaled. */
export type AgentTurn = {
  content: string;
  model: string;
  usage: WireStepUsage;
  role: string;
  tool_calls?: AskedCall[];
};

/** A tool that the agent has called. */
export type CalledTool = {
  name: string;
  /** What it said. */
  result: JsonValue;
};

/** Who answered whom, and what it was offered. */
interface Asked {
  provider: string;
  agent: string;
  role: string;
  offers: readonly ToolOffer[];
}

/** The reply, its calls checked against what was offered: a replay judges them by nothing else. */
export function toTurn(
  { content, model, name, usage, toolCalls }: ChatReply,
  { provider, agent, role, offers }: Asked,
): AgentTurn {
  const step = { modelCalls: 1, costMicros: 0, ...usage, model: name ?? `${provider}/${model}`, agent };
  return {
    content,
    model,
    usage: toWireStepUsage(step),
    role,
    ...(toolCalls !== undefined && { tool_calls: toolCalls.map((call) => checkedCall(call, offers)) }),
  };
}

function checkedCall({ id, name, arguments: text }: ToolCall, offers: readonly ToolOffer[]): AskedCall {
  const offer = offers.find(({ tool }) => tool.name === name);
  const mistake = offer === undefined ? unknownTool(name, offers) : offer.check(text);
  return { id, name, arguments: text, ...(mistake !== null && { mistake }) };
}

function unknownTool(name: string, offers: readonly ToolOffer[]): ToolMistake {
  const names = offers.map(({ tool }) => `\`${tool.name}\``);
  return { error: `There is no tool \`${name}\`${names.length === 0 ? '' : `; you have ${names.join(', ')}`}.` };
}

/** The turn, and the answers of the tools that it asked for, as the model is shown them next. */
export function turnMessages({ content, tool_calls: asked = [] }: AgentTurn, called: readonly CalledTool[]): ChatMessage[] {
  const toolCalls = asked.map(({ id, name, arguments: text }) => ({ id, name, arguments: text }));
  return [
    { role: 'assistant', content, toolCalls },
    ...toolCalls.map(({ id: callId }, index): ChatMessage => {
      return { role: 'tool', callId, content: JSON.stringify(called[index]!.result) };
    }),
  ];
}
