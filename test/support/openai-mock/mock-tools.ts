import type { ChatMessage, ChatTool, ToolCall } from '@baton/core';
import type { ChatBody } from './mock-request.js';

/** The conversation as Baton has it, tools and all. */
export function readMessages({ messages }: Pick<ChatBody, 'messages'>): ChatMessage[] {
  return messages.map(({ role, content, tool_calls: calls, tool_call_id: callId }): ChatMessage => ({
    role: role === 'developer' ? 'system' : role,
    content: content ?? '',
    ...(calls !== undefined && calls !== null && { toolCalls: calls.map(({ id, function: asked }) => ({ id, ...asked })) }),
    ...(callId !== undefined && { callId }),
  }));
}

export function readTools({ tools }: Pick<ChatBody, 'tools'>): ChatTool[] {
  return (tools ?? []).map(({ function: { name, description = '', parameters = {} } }) => ({ name, description, parameters }));
}

/** The deltas of a stream that bring the calls: each begins with its name, its arguments come in pieces. */
export function toolCallDeltas(calls: readonly ToolCall[]): object[] {
  return calls.flatMap(({ id, name, arguments: text }, index) => [
    { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
    ...(text.match(/.{1,8}/gs) ?? []).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]);
}

export function writeToolCalls(calls: readonly ToolCall[]): object[] {
  return calls.map(({ id, ...asked }) => ({ id, type: 'function', function: asked }));
}
