import { BatonError, ChatModel, type ChatMessage, type ChatReply, type ChatRequest } from '@baton/core';
import { z } from 'zod';
import type { OpenAiEndpoint } from './openai-endpoint.js';
import { malformedReply } from './openai-failure.js';

/** What of a completion is read; servers that only resemble OpenAI leave out the rest. */
const CompletionSchema = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }).nullish(),
});
type Completion = z.infer<typeof CompletionSchema>;

/** A model behind an endpoint with the API of OpenAI. A repeated call carries the same `Idempotency-Key`. */
export class OpenAiChatModel extends ChatModel {
  readonly provider = 'openai';

  constructor(
    private readonly endpoint: OpenAiEndpoint,
    /** Asked where a request names no model. */
    private readonly defaultModel: string,
  ) {
    super();
  }

  async complete({ model: wanted, messages, tools = [], maxTokens, idempotencyKey, signal }: ChatRequest): Promise<ChatReply> {
    const model = wanted || this.defaultModel;
    const limit = this.endpoint.isOpenAi ? 'max_completion_tokens' : 'max_tokens';
    const body = {
      ...{ model, messages: messages.map(toWireMessage) },
      ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
      ...(maxTokens !== undefined && { [limit]: maxTokens }),
    };
    return await this.endpoint.call(
      model,
      async (client, tryUntil) => {
        const options = { signal: tryUntil, headers: { 'Idempotency-Key': idempotencyKey } };
        return readReply(await client.chat.completions.create(body, options), model);
      },
      signal,
    );
  }
}

function readReply(answer: unknown, model: string): ChatReply {
  const { success, data, error } = CompletionSchema.safeParse(answer);
  if (!success) throw malformedReply(model, z.prettifyError(error));
  const toolCalls = (data.choices[0]!.message.tool_calls ?? []).map(({ id, function: asked }) => ({ id, ...asked }));
  return {
    content: toolCalls.length > 0 ? (data.choices[0]!.message.content ?? '') : textOf(data, model),
    ...(toolCalls.length > 0 && { toolCalls }),
    model: data.model ?? model,
    usage: { promptTokens: data.usage?.prompt_tokens ?? 0, completionTokens: data.usage?.completion_tokens ?? 0 },
  };
}

function toWireMessage({ role, content, toolCalls, callId = '' }: ChatMessage) {
  if (role === 'tool') return { role, content, tool_call_id: callId };
  if (role !== 'assistant' || toolCalls === undefined) return { role, content };
  const tool_calls = toolCalls.map(({ id, ...asked }) => ({ id, type: 'function' as const, function: asked }));
  return { role, content: content || null, tool_calls };
}

/** A refusal is an answer too. An answer without any text is none: the same question would get the same. */
function textOf({ choices }: Completion, model: string): string {
  const { message, finish_reason: reason } = choices[0]!;
  const text = message.content || message.refusal;
  if (text) return text;
  throw new BatonError(
    'model_failed',
    `The model answered without text (finish_reason: ${reason ?? 'none'})`,
    { model },
    {
      retryable: false,
      ...(reason === 'length' && { remedy: 'Raise `max_tokens` of the node: the model had used them up before its answer.' }),
    },
  );
}
