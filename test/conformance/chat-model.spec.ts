import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalChatModel, OpenAiChatModel, OpenAiEndpoint, PatchWorkflowTool, writePrompt, type AgentPrompt } from '@baton/agents';
import type { ChatMessage, ChatModel, ChatReply, ChatRequest } from '@baton/core';
import { startOpenAiMock } from '../support/openai-mock/mock-server.js';

interface Opened {
  model: ChatModel;
  close(): Promise<void>;
}

async function openLocal(): Promise<Opened> {
  return { model: new LocalChatModel(), close: () => Promise.resolve() };
}

async function openOverMock(): Promise<Opened> {
  const mock = await startOpenAiMock({ apiKey: 'sk-mock' });
  const options = {
    baseUrl: mock.url,
    apiKey: 'sk-mock',
    timeoutMs: 10_000,
    maxRetries: 0,
    maxConnections: 4,
    maxAnswerBytes: 1_048_576,
  };
  const endpoint = await OpenAiEndpoint.open(options);
  const close = async (): Promise<void> => {
    await endpoint.close();
    await mock.close();
  };
  return { model: new OpenAiChatModel(endpoint, 'gpt-mock'), close };
}

const PATCH = new PatchWorkflowTool().tool;
const PASSAGES = [
  { n: 1, title: 'Locks', text: 'A lock expires after 30 seconds. Its holder renews it.' },
  { n: 2, title: 'Journal', text: 'Every run has a journal.' },
];

describe.each([
  ['local', openLocal],
  ['openai', openOverMock],
])('the chat model %s', (provider, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  function ask(prompt: Partial<AgentPrompt>, more: Partial<ChatRequest> = {}): Promise<ChatReply> {
    const question = 'When does a lock expire?';
    return opened.model.complete({
      model: '',
      messages: writePrompt({ role: 'draft', instructions: 'Answer.', question, passages: PASSAGES, ...prompt }),
      idempotencyKey: 'run/node/1/model',
      signal: new AbortController().signal,
      ...more,
    });
  }

  test('says who it is', () => expect(opened.model.provider).toBe(provider));

  test('answers from the passages, and cites them', async () => {
    expect((await ask({})).content).toContain('A lock expires after 30 seconds. [1]');
  });

  test('says which model answered, and counts what it read and wrote', async () => {
    const short = await ask({});
    const long = await ask({ passages: [...PASSAGES, { n: 3, title: 'More', text: 'Nothing else matters here. '.repeat(20) }] });
    expect(short.model).not.toBe('');
    expect(short.usage.completionTokens).toBeGreaterThan(5);
    expect(long.usage.promptTokens).toBeGreaterThan(short.usage.promptTokens + 50);
    expect(Object.values(short.usage).every(Number.isInteger)).toBe(true);
  });

  test('says the same in pieces to who hears it, and what it used', async () => {
    const pieces: [offset: number, text: string][] = [];
    const streamed = await ask({}, { hear: (text, offset) => pieces.push([offset, text]) });
    expect(streamed).toEqual(await ask({}));
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.map(([, text]) => text).join('')).toBe(streamed.content);
    let said = 0;
    for (const [offset, text] of pieces) {
      expect(offset).toBe(said);
      said += text.length;
    }
  });

  test('may be shown tools that it may not call', async () => {
    const instructions = 'Grow.\n@call patch_workflow {"n": 1}';
    expect((await ask({ instructions }, { tools: [PATCH] })).toolCalls).toHaveLength(1);
    const reply = await ask({ instructions }, { tools: [PATCH], toolsAreOff: true });
    expect(reply.toolCalls).toBeUndefined();
    expect(reply.content).not.toBe('');
  });

  test('asks for tools in a stream as it does without', async () => {
    const pieces: string[] = [];
    const instructions = 'Grow.\n@call patch_workflow {"patch": [], "reason": "one"}';
    const streamed = await ask({ instructions }, { tools: [PATCH], hear: (text) => pieces.push(text) });
    expect(streamed).toEqual(await ask({ instructions }, { tools: [PATCH] }));
    expect(streamed.toolCalls).toHaveLength(1);
    expect(pieces).toEqual([]);
  });

  test('says no more than it may', async () => {
    const reply = await ask({}, { maxTokens: 3 });
    expect(reply.usage.completionTokens).toBe(3);
    expect((await ask({})).content.startsWith(reply.content)).toBe(true);
  });

  test('answers the same to the same, also when many ask at once', async () => {
    const first = await ask({});
    const others = await Promise.all(
      Array.from({ length: 10 }, (_, n) => ask(n % 2 === 0 ? {} : { role: 'review', draft: 'Now.' })),
    );
    others.forEach((reply, n) => expect(reply.content === first.content).toBe(n % 2 === 0));
  });

  test('takes any text', async () => {
    const odd = 'Größe \u{1F600} "quoted" \\ \u0000 <passage n="9" title=""> \n\n 日本語';
    expect((await ask({ question: odd, passages: [{ n: 1, title: odd, text: `${odd} stands here.` }] })).content).not.toBe('');
  });

  test('asks for the tools that it is offered, reads what they say, and then answers', async () => {
    const instructions =
      'Grow.\n@call patch_workflow {"patch": [], "reason": "one"}\n@call other {}\n@call patch_workflow {"n": 2}';
    const prompt = { instructions };
    const tools = [new PatchWorkflowTool().tool];
    const messages: ChatMessage[] = writePrompt({ role: 'draft', question: 'More?', passages: [], ...prompt });
    const first = await ask(prompt, { tools, messages });
    expect(first).toMatchObject({
      ...{ content: '', usage: { completionTokens: expect.any(Number) } },
      toolCalls: [{ id: expect.any(String), name: 'patch_workflow', arguments: '{"patch": [], "reason": "one"}' }],
    });
    const said = ({ toolCalls }: ChatReply, content: string): ChatMessage[] => [
      { role: 'assistant', content: '', toolCalls: toolCalls! },
      { role: 'tool', content, callId: toolCalls![0]!.id },
    ];
    messages.push(...said(first, '{"accepted":true}'));
    const second = await ask(prompt, { tools, messages });
    expect(second.toolCalls).toMatchObject([{ arguments: '{"n": 2}' }]);
    messages.push(...said(second, '{"accepted":false}'));
    const last = await ask(prompt, { tools, messages });
    expect(last.toolCalls).toBeUndefined();
    expect(last.content).toBe('patch_workflow: {"accepted":true}\npatch_workflow: {"accepted":false}');
    expect((await ask(prompt)).toolCalls).toBeUndefined();
  });

  test('does not start when it was told to stop, and says why', async () => {
    await expect(ask({}, { signal: AbortSignal.abort(new Error('the run is cancelled')) })).rejects.toThrow(
      'the run is cancelled',
    );
  });
});
