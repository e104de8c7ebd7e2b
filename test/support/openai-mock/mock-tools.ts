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

export function writeToolCalls(calls: readonly ToolCall[]): object[] {
  return calls.map(({ id, ...asked }) => ({ id, type: 'function', function: asked }));
}
