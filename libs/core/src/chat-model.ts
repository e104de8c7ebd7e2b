export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatRequest {
  /** The model's name; empty: the provider's default. */
  model: string;
  messages: readonly ChatMessage[];
  maxTokens?: number;
  /** Sent with the call, so that the other side can drop a repeat. */
  idempotencyKey: string;
  signal: AbortSignal;
}

export interface ChatReply {
  content: string;
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
