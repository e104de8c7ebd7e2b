import { BatonError, type ChatModel, type ChatRequest, type Usage } from '@baton/core';
import { countTokens } from './token-count.js';

/** What an answer is taken to have at most where nobody says, and a budget counts: it is asked for no more then. */
export const USUAL_ANSWER_TOKENS = 1_024;
/** What a message has besides its text, as providers count it. */
const MESSAGE_TOKENS = 4;

/** What a call is going to use at most: its prompt is counted, and its answer has a limit. */
export function usageAtMost(
  request: Pick<ChatRequest, 'model' | 'messages' | 'tools' | 'maxTokens'>,
  model: Pick<ChatModel, 'quote'>,
): Usage {
  const used = { promptTokens: promptTokens(request), completionTokens: request.maxTokens ?? USUAL_ANSWER_TOKENS };
  return { modelCalls: 1, ...used, costMicros: model.quote(request.model, used) };
}

/** What a call has used that failed, as its error tells; null: nothing. */
export function spentByFailure(error: unknown, name: string, model: Pick<ChatModel, 'quote'>): Usage | null {
  const used = error instanceof BatonError ? error.options.usage : undefined;
  if (used === undefined) return null;
  return {
    ...{ modelCalls: 1, promptTokens: used.promptTokens, completionTokens: used.completionTokens },
    costMicros: model.quote(name, used),
  };
}

/** What of a request is read: messages, what they ask of tools, and the tools. */
function promptTokens({ messages, tools = [] }: Pick<ChatRequest, 'messages' | 'tools'>): number {
  const ofMessages = messages.map(({ content, toolCalls = [] }) => {
    const asked = toolCalls.map((call) => countTokens(call.name) + countTokens(call.arguments));
    return asked.reduce((sum, tokens) => sum + tokens, MESSAGE_TOKENS + countTokens(content));
  });
  return ofMessages.reduce((sum, tokens) => sum + tokens, tools.length === 0 ? 0 : countTokens(JSON.stringify(tools)));
}
