import type { ChatMessage, ChatTool, ToolCall } from '@baton/core';

const SCRIPTED_CALL = /^@call ([\w.-]+) (.+)$/gm;

/**
 * What the local model is told to ask for: each line `@call <tool> <arguments as JSON>` of the instructions is one turn, of the tools that it is
 * offered. Null: no such line is left.
 */
export function nextScriptedCall(
  instructions: string,
  tools: readonly ChatTool[],
  messages: readonly ChatMessage[],
): ToolCall | null {
  const turn = messages.filter(({ toolCalls }) => toolCalls !== undefined).length;
  const calls = [...instructions.matchAll(SCRIPTED_CALL)].filter(([, name]) => tools.some((tool) => tool.name === name));
  const [, name, text] = calls[turn] ?? [];
  return name === undefined || text === undefined ? null : { id: `call-${turn + 1}`, name, arguments: text };
}

/** What the tools have said, one line each: how a scripted conversation ends. Null: none was asked. */
export function reportOfTools(messages: readonly ChatMessage[]): string | null {
  const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name])));
  const lines = messages.flatMap(({ role, callId = '', content }) =>
    role === 'tool' ? [`${names.get(callId) ?? 'tool'}: ${content}`] : [],
  );
  return lines.length === 0 ? null : lines.join('\n');
}
