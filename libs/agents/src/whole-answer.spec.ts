import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { CallTurns } from './call-turns.js';
import { TryLimit } from './try-limit.js';
import { WholeAnswer, type Answer } from './whole-answer.js';

const GONE = new Error('the baton is lost');
const aborts: unknown[] = [];
const controller = { abort: (reason: unknown) => void aborts.push(reason) } as Dispatcher.DispatchController;
let call: AbortController;
let limit: TryLimit;
beforeEach(() => {
  aborts.length = 0;
  call = new AbortController();
  limit = new TryLimit(call.signal, 60_000);
});

afterEach(() => limit.end());

/** An answer under the limit, as the connection sees it. */
function awaitAnswer(): { answer: WholeAnswer; come: Promise<Answer> } {
  const { promise: come, resolve, reject } = Promise.withResolvers<Answer>();
  const answer = new WholeAnswer(new CallTurns(), resolve, reject);
  limit.bound(answer);
  return { answer, come };
}

test('an answer that comes in pieces is handed over as one', async () => {
  const { answer, come } = awaitAnswer();
  answer.onRequestStart(controller);
  answer.onResponseStart(controller, 200, { 'content-type': 'text/plain' });
  const bytes = Buffer.from('Größe');
  for (const byte of bytes) answer.onResponseData(controller, Buffer.of(byte));
  answer.onResponseEnd();
  expect(await come).toEqual({ statusCode: 200, headers: { 'content-type': 'text/plain' }, text: 'Größe' });
});

test('an answer is not waited for when its call is aborted, before it is asked for or after', async () => {
  const asked = awaitAnswer();
  asked.answer.onRequestStart(controller);
  call.abort(GONE);
  await expect(asked.come).rejects.toBe(GONE);
  expect(aborts).toEqual([GONE]);
  const late = awaitAnswer();
  await expect(late.come).rejects.toBe(GONE);
  late.answer.onRequestStart(controller);
  expect(aborts).toHaveLength(2);
});

test('an answer that has come is handed over though its call is aborted before its turn', async () => {
  const { answer, come } = awaitAnswer();
  answer.onRequestStart(controller);
  answer.onResponseStart(controller, 200, {});
  answer.onResponseEnd();
  call.abort(GONE);
  expect(await come).toMatchObject({ text: '' });
  expect(aborts).toEqual([]);
});

test('a try that has ended is told no more', async () => {
  const { answer, come } = awaitAnswer();
  answer.onRequestStart(controller);
  limit.end();
  call.abort(GONE);
  expect(aborts).toEqual([]);
  answer.onResponseEnd();
  expect(await come).toMatchObject({ text: '' });
});
