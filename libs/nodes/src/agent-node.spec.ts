import { beforeEach, describe, expect, test } from '@jest/globals';
import { AgentToolbox, PatchWorkflowTool, readPrompt, ROLE_INSTRUCTIONS } from '@baton/agents';
import {
  AgentSpecSchema,
  ChatModel,
  type Agent,
  type AgentSpec,
  type AgentStore,
  type ChatReply,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  type PatchResult,
} from '@baton/core';
import { nodeContext } from '../test/node-context.js';
import { AgentNode } from './agent-node.js';

/** Remembers what it was asked, and says the same each time. */
class FakeModel extends ChatModel {
  readonly provider = 'fake';
  readonly requests: ChatRequest[] = [];

  complete(request: ChatRequest): Promise<ChatReply> {
    this.requests.push(request);
    return Promise.resolve({ content: 'It expires. [2] [9]', model: 'fake-1', usage: { promptTokens: 7, completionTokens: 3 } });
  }
}

const passage = (n: number): JsonObject => ({
  n,
  chunk_id: `c${n}`,
  document_id: 'd',
  title: `T${n}`,
  text: `text ${n}`,
  score: 1 / n,
});
const retrieve = { question: 'When?', passages: [passage(1), passage(2)] };
const agent = (role: string, answer: string): JsonObject => ({ agent: role, role, answer });

let model: FakeModel;
let node: AgentNode;
let agents: Map<string, Agent>;
beforeEach(() => {
  model = new FakeModel();
  agents = new Map();
  node = agentNode((tenantId, name) => Promise.resolve(agents.get(`${tenantId}/${name}`) ?? null));
});

const agentNode = (findByName: AgentStore['findByName']): AgentNode => {
  return new AgentNode({ model, agents: { findByName }, tools: new AgentToolbox([new PatchWorkflowTool()]) });
};

const keep = (spec: Partial<AgentSpec>): void => {
  const ids = { id: 'a', tenantId: 'default', createdAt: 1, updatedAt: 1 };
  agents.set('default/writer', { ...AgentSpecSchema.parse({ name: 'writer', role: 'draft', ...spec }), ...ids });
};

test('has its answer told while it comes only where somebody listens to its run', async () => {
  const tokens = { isHeard: (runId: string) => Promise.resolve(runId === 'heard'), send: () => undefined };
  const parts = { model, tokens, tools: new AgentToolbox(), agents: { findByName: () => Promise.resolve(null) } };
  const config = { role: 'draft' };
  for (const runId of ['heard', 'not']) await new AgentNode(parts).execute(nodeContext({ runId, config, outputs: { retrieve } }));
  await node.execute(nodeContext({ runId: 'heard', config, outputs: { retrieve } }));
  expect(model.requests.map(({ hear }) => typeof hear)).toEqual(['function', 'undefined', 'undefined']);
});

test('gives the answer first, with the passages that it cites', async () => {
  const output = await node.execute(nodeContext({ nodeId: 'draft', config: { role: 'draft' }, outputs: { retrieve } }));
  expect(output).toEqual({
    answer: 'It expires. [2] [9]',
    citations: [{ n: 2, title: 'T2', document_id: 'd', chunk_id: 'c2', text: 'text 2' }],
    question: 'When?',
    agent: 'draft',
    role: 'draft',
    model: 'fake-1',
    usage: { model_calls: 1, prompt_tokens: 7, completion_tokens: 3, cost_micros: 0 },
  });
  expect(Object.keys(output as JsonObject)[0]).toBe('answer');
});

test('asks in its role, about what the nodes before found and wrote', async () => {
  const outputs = {
    any: retrieve,
    first: agent('draft', 'One.'),
    second: agent('research', 'Two.'),
    third: agent('review', 'Good.'),
  };
  const output = await node.execute(nodeContext({ config: { role: 'synthesise' }, outputs }));
  expect(readPrompt(model.requests[0]!.messages)).toEqual({
    role: 'synthesise',
    instructions: ROLE_INSTRUCTIONS.get('synthesise'),
    question: 'When?',
    passages: [
      { n: 1, title: 'T1', text: 'text 1' },
      { n: 2, title: 'T2', text: 'text 2' },
    ],
    draft: 'One.\n\nTwo.',
    review: 'Good.',
  });
  expect(output).toMatchObject({ reviewed: 'Good.' });
});

test('numbers the passages of several searches anew', async () => {
  const outputs = { a: retrieve, b: { question: 'Where?', passages: [passage(1)] } };
  const output = await node.execute(nodeContext({ config: { role: 'draft' }, outputs }));
  expect(readPrompt(model.requests[0]!.messages)?.passages.map(({ n, title }) => `${n} ${title}`)).toEqual([
    '1 T1',
    '2 T2',
    '3 T1',
  ]);
  expect(output).toMatchObject({ question: 'When?' });
});

test('without a search before it, the question is that of the run', async () => {
  await node.execute(nodeContext({ input: { question: 'Why?' }, config: { role: 'draft' }, outputs: { other: { i: 1 } } }));
  expect(readPrompt(model.requests[0]!.messages)).toMatchObject({ question: 'Why?', passages: [] });
});

test('the call carries the model, the limit and a key that never changes, and is made once', async () => {
  const journal = new Map<string, JsonValue>();
  const config = { role: 'draft', model: 'm', max_tokens: 9 };
  const first = await node.execute(nodeContext({ config, outputs: { retrieve } }, journal));
  const second = await node.execute(nodeContext({ config, outputs: { retrieve }, attempt: 2 }, journal));
  expect(second).toEqual(first);
  expect(model.requests).toEqual([expect.objectContaining({ model: 'm', maxTokens: 9, idempotencyKey: 'run/node/1/model' })]);
});

test('calls the model that it is told, that of its agent, or the usual one, and looks its agent up once', async () => {
  keep({ model: 'large' });
  let lookups = 0;
  const counted = agentNode((tenantId, name) => {
    lookups += 1;
    return Promise.resolve(agents.get(`${tenantId}/${name}`) ?? null);
  });
  const context = nodeContext({ config: { agent: 'writer' }, outputs: { retrieve } });
  expect(await counted.target(context)).toBe('model:large');
  await counted.execute(context);
  expect(lookups).toBe(1);
  expect(await node.target(nodeContext({ config: { agent: 'writer', model: 'small' } }))).toBe('model:small');
  expect(await node.target(nodeContext({ config: { role: 'draft' } }))).toBe('model:default');
});

test('a role of its own needs instructions', async () => {
  const config = { role: 'poet', instructions: 'Rhyme.' };
  await node.execute(nodeContext({ config, outputs: { retrieve } }));
  expect(readPrompt(model.requests[0]!.messages)).toMatchObject({ role: 'poet', instructions: 'Rhyme.' });
  const refused = node.execute(nodeContext({ config: { role: 'poet' }, outputs: { retrieve } }));
  await expect(refused).rejects.toMatchObject({ code: 'workflow_invalid', options: { retryable: false } });
});

test('an agent that is kept as data says how it is asked', async () => {
  keep({ instructions: 'Be brief.', model: 'small', limits: { max_tokens: 5 } });
  const output = await node.execute(nodeContext({ nodeId: 'n', config: { agent: 'writer' }, outputs: { retrieve } }));
  expect(output).toMatchObject({ agent: 'writer', role: 'draft' });
  expect(readPrompt(model.requests[0]!.messages)).toMatchObject({ role: 'draft', instructions: 'Be brief.' });
  expect(model.requests[0]).toMatchObject({ model: 'small', maxTokens: 5 });
});

test('an agent without instructions has those of its role, and the node goes before the agent', async () => {
  keep({ model: 'small' });
  await node.execute(nodeContext({ config: { agent: 'writer', model: 'large' }, outputs: { retrieve } }));
  expect(readPrompt(model.requests[0]!.messages)).toMatchObject({ instructions: ROLE_INSTRUCTIONS.get('draft') });
  expect(model.requests[0]).toMatchObject({ model: 'large' });
});

test('a replayed call is not asked again under changed instructions', async () => {
  const journal = new Map<string, JsonValue>();
  keep({ role: 'draft' });
  const first = await node.execute(nodeContext({ config: { agent: 'writer' }, outputs: { retrieve } }, journal));
  keep({ role: 'review', instructions: 'Something else.' });
  expect(await node.execute(nodeContext({ config: { agent: 'writer' }, outputs: { retrieve } }, journal))).toEqual(first);
  expect(model.requests).toHaveLength(1);
});

describe('an agent with tools', () => {
  const call = (text: string, name = 'patch_workflow') => [{ id: 'c', name, arguments: text }];
  const PATCH = '{"patch": [{"op": "remove", "path": "/nodes/1"}], "reason": "not needed"}';
  const REFUSED: PatchResult = { accepted: false, code: 'patch_refused', message: 'too late', problems: [] };

  function asking(...turns: ChatReply['toolCalls'][]): AgentNode {
    model.complete = (request) => {
      model.requests.push(request);
      const toolCalls = turns[model.requests.length - 1];
      const content = toolCalls === undefined ? 'Done.' : '';
      const usage = { promptTokens: 7, completionTokens: 3 };
      return Promise.resolve({ content, model: 'fake-1', usage, ...(toolCalls !== undefined && { toolCalls }) });
    };
    return node;
  }

  test('changes its run, reads what came of it, and answers', async () => {
    const patches: unknown[][] = [];
    const patch = (...asked: unknown[]): Promise<PatchResult> => {
      patches.push(asked);
      return Promise.resolve(REFUSED);
    };
    keep({ tools: ['patch_workflow'] });
    const output = await asking(call(PATCH)).execute(nodeContext({ config: { agent: 'writer' }, outputs: { retrieve }, patch }));
    expect(patches).toEqual([['model/tool-1', [{ op: 'remove', path: '/nodes/1' }], 'not needed']]);
    expect(model.requests[0]!.tools).toEqual([new PatchWorkflowTool().tool]);
    expect(model.requests[1]!.messages.slice(2)).toEqual([
      { role: 'assistant', content: '', toolCalls: call(PATCH) },
      { role: 'tool', callId: 'c', content: JSON.stringify(REFUSED) },
    ]);
    expect(model.requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['run/node/1/model', 'run/node/1/model-2']);
    expect(output).toMatchObject({
      ...{ answer: 'Done.', usage: { model_calls: 2, prompt_tokens: 14, completion_tokens: 6, cost_micros: 0 } },
      tools: [{ name: 'patch_workflow', result: REFUSED }],
    });
  });

  test.each([
    ['no JSON', call('{'), 'the arguments are not JSON'],
    ['other arguments', call('{"patch": 1}'), expect.stringContaining('patch')],
    ['a tool that there is not', call('{}', 'nothing'), 'There is no tool `nothing`; you have `patch_workflow`.'],
  ])('is told what is wrong with %s', async (_, toolCalls, error) => {
    const config = { role: 'draft', tools: ['patch_workflow'] };
    const output = await asking(toolCalls).execute(nodeContext({ config, outputs: { retrieve } }));
    expect(output).toMatchObject({ answer: 'Done.', tools: [{ result: { error } }] });
  });

  test('may call no more tools after its last turn, though it is shown them', async () => {
    const config = { role: 'draft', tools: ['patch_workflow'], max_turns: 2 };
    const context = nodeContext({ config, outputs: { retrieve }, patch: () => Promise.resolve(REFUSED) });
    await asking(call(PATCH), call(PATCH), call(PATCH)).execute(context);
    expect(model.requests.map(({ tools, toolsAreOff }) => [tools, toolsAreOff])).toEqual(
      [false, false, true].map((areOff) => [[new PatchWorkflowTool().tool], areOff]),
    );
  });
});

test('the time limit of an agent ends its call', async () => {
  keep({ limits: { timeout: 0.001 } });
  await node.execute(nodeContext({ config: { agent: 'writer' }, outputs: { retrieve } }));
  const { signal } = model.requests[0]!;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('an agent that nobody knows fails for good, and a node names one or a role', async () => {
  const refusal = (config: JsonObject) => node.execute(nodeContext({ config, outputs: { retrieve } }));
  await expect(refusal({ agent: 'nobody' })).rejects.toMatchObject({ code: 'agent_not_found', options: { retryable: false } });
  await expect(refusal({})).rejects.toMatchObject({ code: 'workflow_invalid' });
});

test('an input without a question is what it works on', async () => {
  await node.execute(nodeContext({ input: { topic: 'batons' }, config: { role: 'draft' } }));
  expect(readPrompt(model.requests[0]!.messages)).toMatchObject({ question: '{"topic":"batons"}' });
});

test('reads the outputs that a join has put together', async () => {
  const items = [
    { role: 'research_agent', answer: 'one' },
    { role: 'research_agent', answer: 'two' },
  ];
  await node.execute(nodeContext({ input: { question: 'Why?' }, config: { role: 'draft' }, outputs: { join: { items } } }));
  expect(readPrompt(model.requests[0]!.messages)).toMatchObject({ draft: 'one\n\ntwo' });
});

test('an agent with a role and instructions of its own need not be kept', async () => {
  const config = { agent: 'nobody', role: 'research_agent', instructions: 'Look it up.' };
  expect(await node.execute(nodeContext({ input: { question: 'Why?' }, config }))).toMatchObject({
    agent: 'nobody',
    role: 'research_agent',
  });
});
