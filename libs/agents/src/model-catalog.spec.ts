import { beforeEach, describe, expect, test } from '@jest/globals';
import { BatonError, ChatModel, type ChatReply, type ChatRequest } from '@baton/core';
import { ModelCatalog, type ModelCall, type ModelProvider } from './model-catalog.js';

/** Says which model it was asked for. */
class FakeProvider extends ChatModel implements ModelProvider {
  failure: Error | null = null;

  constructor(readonly provider: string) {
    super();
  }

  modelFor(name: string): string {
    return name || 'usual';
  }

  complete({ model }: ChatRequest): Promise<ChatReply> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return Promise.resolve({ content: '', model: `${model}-2026`, usage: { promptTokens: 1_000, completionTokens: 10 } });
  }
}

let groq: FakeProvider;
let calls: ModelCall[];
let catalog: ModelCatalog;
beforeEach(() => {
  groq = new FakeProvider('groq');
  calls = [];
  catalog = new ModelCatalog({
    providers: new Map([
      ['groq', groq],
      ['openai', new FakeProvider('openai')],
    ]),
    defaultProvider: 'openai',
    prices: { 'groq/*': { input: 2, output: 10 } },
    observe: (call) => calls.push(call),
  });
});

const ask = (model: string): Promise<ChatReply> =>
  catalog.complete({ model, messages: [], idempotencyKey: 'k', signal: new AbortController().signal });

describe('the catalog of models', () => {
  test.each([
    ['', 'openai/usual'],
    ['big', 'openai/big'],
    ['groq/big', 'groq/big'],
    ['groq/meta/llama', 'groq/meta/llama'],
    ['groq/', 'groq/usual'],
    ['meta/llama', 'openai/meta/llama'],
  ])('%j is %s', async (model, name) => {
    const reply = await ask(model);
    expect(reply).toMatchObject({ name, model: `${name.slice(name.indexOf('/') + 1)}-2026` });
  });

  test('says who answers where no provider is named', () => expect(catalog.provider).toBe('openai'));

  test('says what a call cost; nothing where there is no price', async () => {
    expect((await ask('groq/big')).usage).toEqual({ promptTokens: 1_000, completionTokens: 10, costMicros: 2_100 });
    expect((await ask('big')).usage.costMicros).toBe(0);
  });

  test('tells of calls that were answered, and of those that failed', async () => {
    await ask('groq/');
    groq.failure = new Error('no');
    await expect(ask('groq/')).rejects.toThrow('no');
    expect(calls.map(({ name, outcome, usage }) => [name, outcome, usage.costMicros])).toEqual([
      ['groq/usual', 'answered', 2_100],
      ['groq/usual', 'failed', 0],
    ]);
  });

  test('tells what a call has used that failed, and what that cost', async () => {
    const usage = { promptTokens: 1_000, completionTokens: 0 };
    groq.failure = new BatonError('model_failed', 'no text', {}, { usage });
    await expect(ask('groq/')).rejects.toThrow('no text');
    expect(calls).toMatchObject([{ outcome: 'failed', usage: { ...usage, costMicros: 2_000 } }]);
  });
});
