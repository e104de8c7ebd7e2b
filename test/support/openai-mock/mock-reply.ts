import { createHash } from 'node:crypto';
import { countTokens, firstTokens, LocalChatModel, LocalEmbedder, readPrompt } from '@baton/agents';
import type { ChatMessage, ChatReply, ChatTool, ToolCall } from '@baton/core';
import type { ChatBody, CompletionBody, EmbeddingBody } from './mock-request.js';
import { readMessages, readTools, toolCallDeltas, writeToolCalls } from './mock-tools.js';

/** The same request has the same answer, its time included. */
const CREATED = 1_700_000_000;
const MAX_ECHO_CHARS = 200;

const SKY = /\bsky\b/i;
const BLUE = /\bblue\b/i;

const localModel = new LocalChatModel();
const localEmbedder = new LocalEmbedder();

export const MODELS = ['gpt-mock', 'text-embedding-3-small', 'text-embedding-3-large'];

/** A text with what it cost. */
export interface MockText {
  text: string;
  finishReason: 'stop' | 'length' | 'tool_calls';
  toolCalls?: readonly ToolCall[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** Answers Baton's agents from their passages, as the local model does, and anything else with an echo; to "sky" it always says "blue". */
export async function answerChat(body: ChatBody): Promise<MockText> {
  const { max_tokens, max_completion_tokens } = body;
  const chat = readMessages(body);
  const prompt = readPrompt(chat);
  const query = prompt?.question ?? chat.findLast(({ role }) => role === 'user')?.content ?? '';
  const tools = body.tool_choice === 'none' ? [] : readTools(body);
  const { content: text, toolCalls } = prompt === null ? { content: echo(query) } : await askLocalModel(chat, tools);
  const promptText = chat.map(({ content }) => content).join('\n');
  if (toolCalls !== undefined) {
    const { usage } = measure(promptText, toolCalls.map((asked) => asked.arguments).join('\n'), Infinity);
    return { text: '', finishReason: 'tool_calls', toolCalls, usage };
  }
  return measure(promptText, withBlueSky(query, text), max_completion_tokens ?? max_tokens ?? Infinity);
}

export function answerPrompt(prompt: string, maxTokens: number): MockText {
  return measure(prompt, withBlueSky(prompt, echo(prompt)), maxTokens);
}

export function chatCompletion(body: ChatBody, { text, finishReason, toolCalls, usage }: MockText): object {
  const answer = { role: 'assistant', content: text, refusal: null };
  const message = toolCalls === undefined ? answer : { ...answer, content: null, tool_calls: writeToolCalls(toolCalls) };
  return {
    ...head('chatcmpl', 'chat.completion', body),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

export function textCompletion(body: CompletionBody, texts: readonly MockText[]): object {
  return {
    ...head('cmpl', 'text_completion', body),
    choices: texts.map(({ text, finishReason }, index) => ({ index, text, logprobs: null, finish_reason: finishReason })),
    usage: addUsage(texts),
  };
}

/** What a stream sends, one after the other. */
export function chatChunks(body: ChatBody, { text, finishReason, toolCalls = [], usage }: MockText): object[] {
  const common = head('chatcmpl', 'chat.completion.chunk', body);
  const chunk = (delta: object, reason: string | null): object => ({
    ...common,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
  });
  return [
    chunk({ role: 'assistant', content: toolCalls.length > 0 ? null : '' }, null),
    ...splitWords(text).map((content) => chunk({ content }, null)),
    ...toolCallDeltas(toolCalls).map((delta) => chunk(delta, null)),
    chunk({}, finishReason),
    ...(body.stream_options?.include_usage ? [{ ...common, choices: [], usage }] : []),
  ];
}

export function textChunks(body: CompletionBody, texts: readonly MockText[]): object[] {
  const common = head('cmpl', 'text_completion', body);
  return [
    ...texts.flatMap(({ text, finishReason }, index) => [
      ...splitWords(text).map((word) => ({ ...common, choices: [{ index, text: word, logprobs: null, finish_reason: null }] })),
      { ...common, choices: [{ index, text: '', logprobs: null, finish_reason: finishReason }] },
    ]),
    ...(body.stream_options?.include_usage ? [{ ...common, choices: [], usage: addUsage(texts) }] : []),
  ];
}

/** Vectors of the local embedder in the size that is asked for: texts that are alike there are alike here. */
export async function embeddings({ model, input, dimensions, encoding_format: format }: EmbeddingBody): Promise<object> {
  const size = dimensions ?? (model === 'text-embedding-3-large' ? 3_072 : 1_536);
  const vectors = (await localEmbedder.embed(input)).map((vector) => resize(vector, size));
  const tokens = input.reduce((sum, text) => sum + countTokens(text), 0);
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector],
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

export function modelList(): object {
  return { object: 'list', data: MODELS.map(modelCard) };
}

export function modelCard(id: string): object {
  return { id, object: 'model', created: CREATED, owned_by: 'baton' };
}

async function askLocalModel(messages: readonly ChatMessage[], tools: readonly ChatTool[]): Promise<ChatReply> {
  const { signal } = new AbortController();
  return await localModel.complete({ model: '', messages, tools, idempotencyKey: '', signal });
}

function echo(text: string): string {
  return `This is a mock reply to: ${text.slice(0, MAX_ECHO_CHARS)}`;
}

/** In a paragraph of its own, so that agents read the rest as it is. */
function withBlueSky(query: string, text: string): string {
  return SKY.test(query) && !BLUE.test(text) ? `${text}\n\nThe sky is blue.` : text;
}

function measure(prompt: string, whole: string, maxTokens: number): MockText {
  const text = firstTokens(whole, maxTokens);
  const [promptTokens, completionTokens] = [countTokens(prompt), countTokens(text)];
  return {
    text,
    finishReason: text === whole ? 'stop' : 'length',
    usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens },
  };
}

function addUsage(texts: readonly MockText[]): MockText['usage'] {
  const sum = (key: keyof MockText['usage']): number => texts.reduce((total, { usage }) => total + usage[key], 0);
  return { prompt_tokens: sum('prompt_tokens'), completion_tokens: sum('completion_tokens'), total_tokens: sum('total_tokens') };
}

function head(prefix: string, object: string, body: { model: string }): object {
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return { id: `${prefix}-${digest.slice(0, 24)}`, object, created: CREATED, model: body.model };
}

function splitWords(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Longer: padded, every cosine stays. Shorter: folded, as hashing into fewer places would. */
function resize(vector: Float32Array, size: number): Float32Array {
  const resized = new Float32Array(size);
  vector.forEach((value, at) => (resized[at % size]! += value));
  const length = Math.hypot(...resized);
  if (length === 0) resized[0] = 1;
  else resized.forEach((value, at) => (resized[at] = value / length));
  return resized;
}
