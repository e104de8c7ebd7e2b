import {
  BatonError,
  canonicalJson,
  ChatModel,
  type ChatMessage,
  type ChatReply,
  type ChatRequest,
  type ChatTool,
  type ChatUsage,
  type JsonObject,
} from '@baton/core';
import { z } from 'zod';
import { answeredList } from './answered-list.js';
import { streamCompletion } from './completion-stream.js';
import type { OpenAiEndpoint } from './openai-endpoint.js';
import { malformedReply } from './openai-failure.js';
import type { PooledOpenAi } from './pooled-openai.js';
import { countTokens } from './token-count.js';
import type { TryLimit } from './try-limit.js';

/** What of a completion is read; servers that only resemble OpenAI leave out the rest. */
const CompletionSchema = z.compile(
  z.object({
    model: z.string().optional(),
    choices: answeredList(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: answeredList(
            z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }),
          ).nullish(),
        }),
        finish_reason: z.string().nullish(),
      }),
    ).refine((choices) => choices.length > 0, 'must not be empty'),
    usage: z
      .object({
        prompt_tokens: z.int(),
        completion_tokens: z.int(),
        prompt_tokens_details: z.object({ cached_tokens: z.int().nullish() }).nullish(),
      })
      .nullish(),
  }),
);
type Completion = z.infer<typeof CompletionSchema>;

/** A model behind an endpoint with the API of OpenAI. A repeated call carries the same `Idempotency-Key`. */
export class OpenAiChatModel extends ChatModel {
  constructor(
    private readonly endpoint: Pick<OpenAiEndpoint, 'call' | 'isOpenAi'>,
    /** Asked where a request names no model. */
    private readonly defaultModel: string,
    readonly provider = 'openai',
  ) {
    super();
  }

  modelFor(name: string): string {
    return name || this.defaultModel;
  }

  complete(request: ChatRequest): Promise<ChatReply> {
    const { model: wanted, messages, tools: offered = [], toolsAreOff, maxTokens, idempotencyKey, signal, hear, log } = request;
    const model = this.modelFor(wanted);
    const tools = toWireTools(offered);
    // What is stable comes first, so that providers find it in their caches.
    const body = {
      model,
      tools: tools.length > 0 ? tools : undefined,
      messages: messages.map(toWireMessage),
      tool_choice: tools.length > 0 && toolsAreOff ? ('none' as const) : undefined,
      [this.endpoint.isOpenAi ? 'max_completion_tokens' : 'max_tokens']: maxTokens,
    };
    const headers = { 'idempotency-key': idempotencyKey };
    const ask = (client: PooledOpenAi, limit: TryLimit): Promise<ChatReply> => {
      const answer =
        hear === undefined
          ? client.postWhole('/chat/completions', body, { headers, limit })
          : streamCompletion(client, body, { options: { headers, signal: limit.toSignal() }, hear });
      return answer.then((json) => readReply(json, model, messages));
    };
    return this.endpoint.call(model, ask, signal, log);
  }
}

function readReply(answer: unknown, model: string, messages: readonly ChatMessage[]): ChatReply {
  const { success, data, error } = CompletionSchema.safeParse(answer);
  if (!success) throw malformedReply(model, z.prettifyError(error));
  const toolCalls = (data.choices[0]!.message.tool_calls ?? []).map(({ id, function: asked }) => ({ id, ...asked }));
  const usage = usageOf(data, messages);
  return {
    content: toolCalls.length > 0 ? (data.choices[0]!.message.content ?? '') : textOf(data, model, usage),
    ...(toolCalls.length > 0 && { toolCalls }),
    model: data.model ?? model,
    usage,
  };
}

/** As the server counts it; one that does not say is taken to count about as the local model does: a call without usage would know no budget. */
function usageOf({ usage, choices }: Completion, messages: readonly ChatMessage[]): ChatUsage {
  if (!usage) {
    const { content, tool_calls: calls } = choices[0]!.message;
    const said = [content ?? '', ...(calls ?? []).map(({ function: asked }) => asked.arguments)];
    return {
      promptTokens: countTokens(messages.map((message) => message.content).join('\n')),
      completionTokens: countTokens(said.join('\n')),
    };
  }
  const cached = usage.prompt_tokens_details?.cached_tokens;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage;
  return { promptTokens, completionTokens, ...(cached && { cachedTokens: cached }) };
}

/** The same tools are the same bytes, in whichever order they were found. */
function toWireTools(tools: readonly ChatTool[]) {
  const sorted = tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map(({ name, description, parameters }) => {
    return {
      type: 'function' as const,
      function: { name, description, parameters: JSON.parse(canonicalJson(parameters)) as JsonObject },
    };
  });
}

function toWireMessage({ role, content, toolCalls, callId = '' }: ChatMessage) {
  if (role === 'tool') return { role, content, tool_call_id: callId };
  if (role !== 'assistant' || toolCalls === undefined) return { role, content };
  const tool_calls = toolCalls.map(({ id, ...asked }) => ({ id, type: 'function' as const, function: asked }));
  return { role, content: content || null, tool_calls };
}

/** A refusal is an answer too. An answer without any text is none: the same question would get the same. It was paid. */
function textOf({ choices }: Completion, model: string, usage: ChatUsage): string {
  const { message, finish_reason: reason } = choices[0]!;
  const text = message.content || message.refusal;
  if (text) return text;
  throw new BatonError(
    'model_failed',
    `The model answered without text (finish_reason: ${reason ?? 'none'})`,
    { model },
    {
      retryable: false,
      usage,
      ...(reason === 'length' && { remedy: 'Raise `max_tokens` of the node: the model had used them up before its answer.' }),
    },
  );
}
