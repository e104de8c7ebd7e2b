import type { JsonObject } from './json.js';
import type { NodeLog } from './run-log.js';

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
  /** It may ask for none of them any more. They stay in the request: what comes first in it is the same in every turn, and cached. */
  toolsAreOff?: boolean;
  maxTokens?: number;
  /** For whom it is: whose limits it counts under. */
  tenantId?: string;
  /** Sent with the call, so that the other side can drop a repeat. */
  idempotencyKey: string;
  /**
   * Hears the answer while it comes; without it, it comes whole. `offset`: its characters before this piece; 0 once more: the call is tried
   * again, and the answer begins anew.
   */
  hear?: (text: string, offset: number) => void;
  /** Told what people should know of the call besides its answer: that it waits, or is tried again. */
  log?: NodeLog;
  signal: AbortSignal;
}

export interface ChatReply {
  /** Empty where it only asks for tools. */
  content: string;
  /** Answer each by a message of the role `tool`, then ask again. Absent: the content is the answer. */
  toolCalls?: readonly ToolCall[];
  /** As the provider says. */
  model: string;
  /** `provider/model`, under which prices and sums know it; absent: as the two are called here. */
  name?: string;
  usage: ChatUsage;
}

/** What one call has used. */
export interface ChatUsage {
  promptTokens: number;
  completionTokens: number;
  /** Of the prompt, what the provider had in its cache. */
  cachedTokens?: number;
  /** Millionths of the currency of the price table; absent: it has no price. */
  costMicros?: number;
}

/** The name under which a model has its circuit; empty: the provider's default. */
export function modelTarget(model: string): string {
  return `model:${model || 'default'}`;
}

/** A language model. */
export abstract class ChatModel {
  /** `local` or the provider's name. */
  abstract readonly provider: string;
  /** What a call that uses so much costs, in millionths of the currency of the price table; 0: the model has no price. */
  quote(_model: string, _used: Pick<ChatUsage, 'promptTokens' | 'completionTokens'>): number {
    return 0;
  }
  /** @throws BatonError `model_failed`, `model_answer_too_large`. */
  abstract complete(request: ChatRequest): Promise<ChatReply>;
}
