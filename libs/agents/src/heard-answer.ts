import type { ChatRequest, NodeContext, TokenFeed } from '@baton/core';

/** Where answers go while they come. */
export type AnswerFeed = Pick<TokenFeed, 'isHeard' | 'send'>;

/** Nobody listens. */
export const UNHEARD: AnswerFeed = { isHeard: () => Promise.resolve(false), send: () => undefined };

/** Sends an answer on while it comes. `key`: of the call's step. */
export function hearAnswer(
  feed: AnswerFeed,
  { runId, nodeId, visit, idempotencyKey }: NodeContext,
  key: string,
): NonNullable<ChatRequest['hear']> {
  const step = `${idempotencyKey}/${key}`.slice(`${runId}/${nodeId}/${visit}/`.length);
  return (text, offset) => feed.send({ runId, nodeId, visit, step, offset, text });
}
