import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ChatMessage, ChatRequest, ChatTool } from '@baton/core';
import { writePrompt } from './agent-prompt.js';
import { OpenAiChatModel } from './openai-chat-model.js';
import type { PooledOpenAi } from './pooled-openai.js';
import type { TryLimit } from './try-limit.js';

const UNBOUND = {} as TryLimit;
/** The bodies of the requests, as they are sent. */
let sent: string[];
let model: OpenAiChatModel;

beforeEach(() => {
  sent = [];
  const postWhole = (_: string, body: object): Promise<object> => {
    sent.push(JSON.stringify(body));
    return Promise.resolve({ choices: [{ message: { content: 'Yes.' } }] });
  };
  const client = { postWhole } as unknown as PooledOpenAi;
  model = new OpenAiChatModel({ isOpenAi: true, call: (_, request) => request(client, UNBOUND) }, 'm');
});

const SEARCH: ChatTool = { name: 'search', description: 'Finds.', parameters: { type: 'object', properties: { q: {}, n: {} } } };
const shuffled: ChatTool = {
  parameters: { properties: { n: {}, q: {} }, type: 'object' },
  description: 'Finds.',
  name: 'search',
};
const PATCH: ChatTool = { name: 'patch_workflow', description: 'Changes.', parameters: { type: 'object' } };
const ask = (messages: ChatMessage[], more: Partial<ChatRequest> = {}) =>
  model.complete({ model: '', messages, idempotencyKey: 'k', signal: new AbortController().signal, ...more });
const prompt = (question: string) => writePrompt({ role: 'draft', instructions: 'Answer.', question, passages: [] });

describe('what comes first in a request', () => {
  test('is the same, byte for byte, in every turn of a conversation', async () => {
    const messages: ChatMessage[] = prompt('Why?');
    const tools = [SEARCH, PATCH];
    await ask(messages, { tools });
    const said: ChatMessage[] = [
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'search', arguments: '{}' }] },
      { role: 'tool', callId: 'c', content: '[]' },
    ];
    await ask([...messages, ...said], { tools });
    await ask([...messages, ...said, ...said], { tools, toolsAreOff: true });
    // Without the end of the list of messages, and of the body.
    expect(sent[1]!.startsWith(sent[0]!.slice(0, -2))).toBe(true);
    expect(sent[2]!.startsWith(sent[1]!.slice(0, -2))).toBe(true);
    expect(sent[2]).toContain('"tool_choice":"none"');
  });

  test('is the same in every run of an agent, in whichever order its tools were found', async () => {
    await ask(prompt('Why?'), { tools: [SEARCH, PATCH] });
    await ask(prompt('When?'), { tools: [PATCH, shuffled] });
    const [first, second] = sent.map((body) => body.slice(0, body.indexOf('"role":"user"')));
    expect(second).toBe(first);
    expect(first).toContain('patch_workflow');
    expect(first).toContain('Answer.');
  });
});
