import { ChatModel, type ChatMessage, type ChatReply, type ChatRequest } from '@baton/core';
import { readPrompt, type AgentPrompt } from './agent-prompt.js';
import { reviewDraft } from './claim-review.js';
import { extractAnswer } from './extractive-answer.js';
import { finishAnswer } from './final-answer.js';
import { piecesOf } from './text-pieces.js';
import { structuredAnswer } from './structured-answer.js';
import { countTokens, firstTokens } from './token-count.js';
import { nextScriptedTurn, reportOfTools } from './tool-script.js';

const NOT_A_PROMPT =
  'The local model only answers questions from passages; it holds no conversation. Configure a model endpoint for anything else.';

/**
 * A model without weights, key or network: it answers from the passages of the prompt with their own sentences, checks drafts against them,
 * and says so when they hold no answer. The same request has the same reply, for ever. Reads the prompts of {@link writePrompt}; a role
 * that it does not know drafts. It asks for tools, and answers, as lines of the instructions say: see {@link nextScriptedTurn}.
 */
export class LocalChatModel extends ChatModel {
  readonly provider = 'local';
  /** The name under which replies are journaled, whatever model was asked for. */
  static readonly model = 'local-extractive-v1';

  /** It is the only one. */
  modelFor(): string {
    return LocalChatModel.model;
  }

  complete(request: ChatRequest): Promise<ChatReply> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason as Error);
    const { messages, tools = [], toolsAreOff = false, hear } = request;
    const prompt = readPrompt(messages);
    const turn = prompt === null ? null : nextScriptedTurn(prompt.instructions, toolsAreOff ? [] : tools, messages);
    const calls = turn !== null && 'calls' in turn ? turn.calls : null;
    const text = turn !== null && 'answer' in turn ? turn.answer : answer(prompt, messages);
    const content = calls === null ? firstTokens(text, request.maxTokens ?? Infinity) : '';
    for (const { piece, offset } of calls === null && hear !== undefined ? piecesOf(content) : []) hear!(piece, offset);
    const promptTokens = messages.reduce((sum, message) => sum + countTokens(message.content), 0);
    return Promise.resolve({
      content,
      ...(calls !== null && { toolCalls: calls }),
      model: LocalChatModel.model,
      usage: { promptTokens, completionTokens: countTokens(calls?.map((call) => call.arguments).join(' ') ?? content) },
    });
  }
}

function answer(prompt: AgentPrompt | null, messages: readonly ChatMessage[]): string {
  if (prompt === null) return NOT_A_PROMPT;
  const report = reportOfTools(messages);
  if (report !== null) return report;
  const structured = structuredAnswer(prompt);
  if (structured !== null) return structured;
  if (prompt.role === 'review') return reviewDraft(prompt);
  if (prompt.role === 'synthesise' || (prompt.role === 'work' && prompt.draft !== undefined)) return finishAnswer(prompt);
  return extractAnswer(prompt);
}
