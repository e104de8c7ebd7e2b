import type { JsonObject } from './json.js';

/** A function that a model may ask for. */
export interface ChatTool {
  name: string;
  description: string;
  /** JSON Schema of its arguments. */
  parameters: JsonObject;
}

/** What a model asks for. */
export interface ToolCall {
  id: string;
  name: string;
  /** JSON text, as the model wrote it: nobody has checked it. */
  arguments: string;
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  /** Of an assistant: what it asked for. */
  toolCalls?: readonly ToolCall[];
  /** Of a tool: the call that it answers. */
  callId?: string;
}

export interface ChatRequest {
  /** The model's name; empty: the provider's default. */
  model: string;
  messages: readonly ChatMessage[];
  /** What the model may ask for instead of answering. */
  tools?: readonly ChatTool[];
  maxTokens?: number;
  /** Sent with the call, so that the other side can drop a repeat. */
  idempotencyKey: string;
  signal: AbortSignal;
}

export interface ChatReply {
  /** Empty where it only asks for tools. */
  content: string;
  /** Answer each by a message of the role `tool`, then ask again. Absent: the content is the answer. */
  toolCalls?: readonly ToolCall[];
  model: string;
  usage: { promptTokens: number; completionTokens: number };
}

/** The name under which a model has its circuit; empty: the provider's default. */
export function modelTarget(model: string): string {
  return `model:${model || 'default'}`;
}

/** A language model. */
export abstract class ChatModel {
  /** `local` or the provider's name. */
  abstract readonly provider: string;
  /** @throws BatonError `model_failed`. */
  abstract complete(request: ChatRequest): Promise<ChatReply>;
}
