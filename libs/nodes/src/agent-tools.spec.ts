import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  AgentToolbox,
  AskPersonTool,
  DelegateTool,
  ExecutePipelineTool,
  HttpRequestTool,
  LocalChatModel,
  ReportArtifactTool,
  SearchTool,
  StepTool,
  type ToolContext,
} from '@baton/agents';
import {
  AgentSpecSchema,
  BatonError,
  OutboundHttp,
  SystemClock,
  type Agent,
  type AgentSpec,
  type AgentStore,
  type ArtifactDraft,
  type ArtifactStore,
  type ChatReply,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  type OutboundRequest,
  type OutboundResponse,
  type PassageHit,
  type PassageQuery,
} from '@baton/core';
import { z } from 'zod';
import { nodeContext, Waiting } from '../test/node-context.js';
import { AgentNode } from './agent-node.js';

/** The local model, which does what the script of its instructions says, and remembers what it was asked. */
class ScriptedModel extends LocalChatModel {
  readonly requests: ChatRequest[] = [];

  override complete(request: ChatRequest): Promise<ChatReply> {
    this.requests.push(request);
    return super.complete(request);
  }

  /** What the tools said in a turn, as the model was told it. */
  heard(turn: number): JsonValue[] {
    const { messages } = this.requests[turn]!;
    const asked = messages.findLastIndex(({ toolCalls }) => toolCalls !== undefined);
    return messages.slice(asked + 1).map(({ content }) => JSON.parse(content) as JsonValue);
  }
}

const AddArguments = z.object({ a: z.number(), b: z.number() });

/** Adds two numbers, when it is let. */
class AddTool extends StepTool<z.infer<typeof AddArguments>> {
  readonly name = 'add';
  readonly description = 'Adds.';
  readonly parameters = AddArguments;
  override readonly example = { a: 1, b: 2 };
  readonly keys: string[] = [];
  most = 0;
  private running = 0;

  protected async run(
    _: ToolContext,
    { a, b }: z.infer<typeof AddArguments>,
    call: { idempotencyKey: string },
  ): Promise<JsonValue> {
    this.keys.push(call.idempotencyKey);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await new Promise(setImmediate);
    this.running -= 1;
    if (a === 0) throw new Error('nothing to add');
    if (a < 0) throw new BatonError('http_failed', 'the other side is away', {}, { retryable: true });
    return { sum: a + b };
  }
}

class FakeHttp extends OutboundHttp {
  readonly sent: OutboundRequest[] = [];
  answer: () => OutboundResponse = () => ({ status: 200, headers: {}, url: 'https://example.org/', body: new Uint8Array() });

  send(request: OutboundRequest): Promise<OutboundResponse> {
    this.sent.push(request);
    return Promise.resolve().then(this.answer);
  }
}

let model: ScriptedModel;
let add: AddTool;
let http: FakeHttp;
let agents: Map<string, Agent>;
let queries: PassageQuery[];
let kept: ArtifactDraft[];
let tools: AgentToolbox;

const hit = (n: number): PassageHit => {
  return { chunkId: `c${n}`, documentId: 'd', title: `T${n}`, source: null, index: n, text: `Text ${n}.`, score: 1 };
};

beforeEach(() => {
  model = new ScriptedModel();
  add = new AddTool();
  http = new FakeHttp();
  agents = new Map();
  queries = [];
  kept = [];
  const search = {
    search: (_: string, query: PassageQuery) => {
      queries.push(query);
      return Promise.resolve([hit(1), hit(2)].slice(0, query.limit));
    },
  };
  tools = new AgentToolbox([add, new HttpRequestTool(http), new SearchTool(search), new ExecutePipelineTool()]);
  tools.register(new ReportArtifactTool(artifacts));
  tools.register(new AskPersonTool(new SystemClock()));
  tools.register(new DelegateTool({ model, agents: store, tools }));
});

const artifacts: Pick<ArtifactStore, 'keep'> = {
  keep: (draft) => {
    kept.push(draft);
    const { key: _, content, ...rest } = draft;
    return Promise.resolve({ ...rest, id: `a${kept.length}`, digest: '', bytes: content.byteLength, createdAt: 0 });
  },
};

const store: Pick<AgentStore, 'findByName'> = { findByName: (_, name) => Promise.resolve(agents.get(name) ?? null) };

const keep = (name: string, spec: Partial<AgentSpec>): void => {
  const ids = { id: name, tenantId: 'default', createdAt: 1, updatedAt: 1 };
  agents.set(name, { ...AgentSpecSchema.parse({ name, role: 'help', ...spec }), ...ids });
};

/** What an agent with this script and all tools gives. */
function play(
  script: string,
  config: JsonObject = {},
  steps = new Map<string, JsonValue>(),
  concurrency = 10,
): Promise<JsonValue> {
  const node = new AgentNode({ model, agents: store, tools });
  const all = { role: 'help', instructions: script, tools: tools.names, ...config };
  return node.execute(nodeContext({ config: all, input: { question: 'What now?' }, concurrency }, steps));
}

describe('a call that is wrong', () => {
  test('is told with an example of a right one, and mended', async () => {
    const output = await play('@call add {"a": "one"}\n@call add {"a": 2, "b": 3}\n@answer Five.');
    expect(model.heard(1)).toEqual([{ error: expect.stringMatching(/a[\s\S]*b/), example: { a: 1, b: 2 } }]);
    expect(output).toMatchObject({ answer: 'Five.', tools: [{ name: 'add' }, { name: 'add', result: { sum: 5 } }] });
    expect(add.keys).toEqual(['run/node/1/model-2/tool-1']);
  });

  test('is judged once: a replay does not know what is offered by then', async () => {
    const steps = new Map<string, JsonValue>();
    const script = '@call add {"a": "one"}\n@call add {"a": 2, "b": 3}\n@answer Five.';
    const first = await play(script, {}, steps);
    tools = new AgentToolbox();
    expect(await play(script, { tools: [] }, steps)).toEqual(first);
    expect(model.requests).toHaveLength(3);
  });

  test('that is repeated ends the node, with the last thing that was wrong', async () => {
    const wrong = '@call add {"a": "x"}\n'.repeat(5);
    const steps = new Map<string, JsonValue>();
    const refused = { code: 'correction_failed', message: expect.stringContaining('`add`: '), options: { retryable: false } };
    await expect(play(wrong, { max_corrections: 2 }, steps)).rejects.toMatchObject(refused);
    expect(model.requests).toHaveLength(3);
    await expect(play(wrong, { max_corrections: 2 }, steps)).rejects.toMatchObject(refused);
    expect(model.requests).toHaveLength(3);
  });

  test('counts no more after one that is right', async () => {
    const [wrong, right] = ['@call add {"a": "x"}', '@call add {"a": 1, "b": 1}'];
    expect(await play([wrong, right, wrong, right, '@answer Done.'].join('\n'), { max_corrections: 1 })).toMatchObject({
      answer: 'Done.',
    });
  });

  test('of a tool that the agent does not have never reaches it', async () => {
    const output = await play('@call! add {"a": 1, "b": 2}\n@answer Well.', { tools: ['search'] });
    expect(output).toMatchObject({ tools: [{ result: { error: 'There is no tool `add`; you have `search`.' } }] });
    expect(add.keys).toEqual([]);
  });
});

describe('calls of one turn', () => {
  const FOUR = [1, 2, 3, 4].map((n) => `@${n === 1 ? 'call' : 'also'} add {"a": ${n}, "b": 0}`).join('\n');

  test('are made at once, as many as the node may have', async () => {
    expect(await play(FOUR)).toMatchObject({ tools: [1, 2, 3, 4].map((sum) => ({ result: { sum } })) });
    expect(add.most).toBe(4);
    add.most = 0;
    await play(FOUR, {}, new Map(), 2);
    expect(add.most).toBe(2);
  });

  test('that have failed for good are told; one that may fare better fails the node after the others are journaled', async () => {
    const steps = new Map<string, JsonValue>();
    const script = '@call add {"a": -1, "b": 0}\n@also add {"a": 0, "b": 0}\n@also add {"a": 3, "b": 0}';
    await expect(play(script, {}, steps)).rejects.toMatchObject({
      ...{ code: 'node_failed', message: 'A tool failed: the other side is away', options: { retryable: true } },
    });
    expect([...steps]).toEqual([
      ['model', expect.anything()],
      ['model/tool-2', { error: 'nothing to add' }],
      ['model/tool-3', { sum: 3 }],
    ]);
  });

  test('a question to a person waits until the others are journaled, and they are not made again', async () => {
    const steps = new Map<string, JsonValue>();
    const script = '@call ask_person {"question": "May I?"}\n@also add {"a": 1, "b": 1}\n@answer Thanks.';
    const waiting = await play(script, {}, steps).catch((error: unknown) => error);
    expect(waiting).toBeInstanceOf(Waiting);
    expect(waiting).toMatchObject({ key: 'model/tool-1', wait: { reason: 'asked by an agent: May I?', until: null } });
    steps.set('model/tool-1', {
      kind: 'signal',
      payload: { decision: 'approve', comment: 'Yes.', by: 'ada', payload: { n: 1 } },
    });
    expect(await play(script, {}, steps)).toMatchObject({ answer: 'Thanks.' });
    expect(model.heard(1)).toEqual([
      { answered: true, decision: 'approve', comment: 'Yes.', by: 'ada', payload: { n: 1 } },
      { sum: 2 },
    ]);
    expect(add.keys).toHaveLength(1);
  });
});

test('a person who does not answer in time is told as that', async () => {
  const steps = new Map<string, JsonValue>();
  const script = '@call ask_person {"question": "May I?", "deadline_seconds": 60}\n@answer Alone.';
  const waiting = (await play(script, {}, steps).catch((error: unknown) => error)) as Waiting;
  expect(waiting.wait.until).toBe(steps.get('model/tool-1/until'));
  expect(waiting.wait.until).toBeGreaterThan(Date.now());
  steps.set('model/tool-1', { kind: 'timeout' });
  await play(script, {}, steps);
  expect(model.heard(1)).toEqual([{ answered: false, note: 'Nobody answered in time.' }]);
});

test('passages that are found are numbered on, and can be cited', async () => {
  const output = await play(
    '@call search {"query": "locks", "limit": 1}\n@also search {"query": "leases", "document_ids": ["d"]}\n@answer So it is. [3] [1]',
  );
  expect(queries).toEqual([
    { query: 'locks', limit: 1 },
    { query: 'leases', limit: 5, documentIds: ['d'] },
  ]);
  expect(model.heard(1)).toMatchObject([{ passages: [{ n: 1, title: 'T1' }] }, { passages: [{ n: 2 }, { n: 3, title: 'T2' }] }]);
  expect(output).toMatchObject({
    citations: [
      { n: 1, chunk_id: 'c1' },
      { n: 3, chunk_id: 'c2' },
    ],
  });
});

describe('http_request', () => {
  const call = (args: JsonObject): string => `@call http_request ${JSON.stringify(args)}\n@answer Done.`;

  test('goes through the guarded client, with the key of the call', async () => {
    http.answer = () => ({
      ...{ status: 201, url: 'https://example.org/a', headers: { 'content-type': 'application/json', 'set-cookie': 'x' } },
      body: Buffer.from('{"ok": true}'),
    });
    await play(call({ method: 'POST', url: 'https://example.org/a', json: { n: 1 }, headers: { Accept: 'text/plain' } }));
    expect(http.sent).toMatchObject([
      {
        ...{ method: 'POST', url: 'https://example.org/a', body: '{"n":1}' },
        headers: { 'content-type': 'application/json', accept: 'text/plain', 'idempotency-key': 'run/node/1/model/tool-1' },
      },
    ]);
    expect(model.heard(1)).toEqual([
      { status: 201, url: 'https://example.org/a', content_type: 'application/json', body: { ok: true } },
    ]);
  });

  test.each<[string, JsonObject]>([
    ['another protocol', { url: 'file:///etc/passwd' }],
    ['a header of the message', { url: 'https://example.org', headers: { Host: 'other' } }],
    ['two bodies', { url: 'https://example.org', json: 1, text: 'x' }],
  ])('does not send %s', async (_, args) => {
    await play(call(args));
    expect([http.sent, model.heard(1)]).toEqual([[], [expect.objectContaining({ error: expect.any(String) })]]);
  });

  test('tells what was refused, and cuts what is long', async () => {
    http.answer = () => {
      throw new BatonError('http_refused', 'it is not public', {}, { retryable: false });
    };
    await play(call({ url: 'http://10.0.0.1/' }));
    expect(model.heard(1)).toEqual([{ error: 'it is not public', code: 'http_refused' }]);
    http.answer = () => ({ status: 200, headers: {}, url: 'https://example.org/', body: Buffer.from('x'.repeat(100_000)) });
    await play(call({ url: 'https://example.org/' }));
    const [told] = model.heard(3) as [{ body: string; note: string }];
    expect(told.body.length).toBeLessThan(32_768);
    expect(told.note).toContain('of 100000 characters');
  });
});

test('a result that is reported is kept once, under the key of its call', async () => {
  const steps = new Map<string, JsonValue>();
  const script =
    '@call report_artifact {"name": "all.md", "text": "# All"}\n@also report_artifact {"name": "n.json", "json": {"n": 1}}\n@answer Kept.';
  await play(script, {}, steps);
  await play(script, {}, steps);
  expect(kept.map(({ name, mediaType, key, content }) => [name, mediaType, key, Buffer.from(content).toString()])).toEqual([
    ['all.md', 'text/markdown; charset=utf-8', 'run/node/1/model/tool-1', '# All'],
    ['n.json', 'application/json', 'run/node/1/model/tool-2', '{\n  "n": 1\n}'],
  ]);
  expect(model.heard(1)).toMatchObject([{ artifact_id: 'a1', bytes: 5 }, { artifact_id: 'a2' }]);
});

test('a pipeline works on what a tool said before', async () => {
  http.answer = () => ({
    ...{ status: 200, url: 'https://example.org/', headers: { 'content-type': 'application/json' } },
    body: Buffer.from('{"items": [{"n": 3}, {"n": 1}, {"n": 2}]}'),
  });
  const steps = [
    { op: 'filter', where: 'item.n > 1' },
    { op: 'sort', by: 'item.n' },
  ];
  await play(
    [
      '@call http_request {"url": "https://example.org/"}',
      `@call execute_pipeline ${JSON.stringify({ from: 'last.http_request.body.items', steps })}`,
      `@call execute_pipeline ${JSON.stringify({ from: 'last.http_request.status', steps })}`,
      '@answer Done.',
    ].join('\n'),
  );
  expect(model.heard(2)).toEqual([{ count: 2, rows: [{ n: 2 }, { n: 3 }] }]);
  expect(model.heard(3)).toEqual([{ error: expect.stringContaining('does not give a list'), example: expect.anything() }]);
});

describe('delegate', () => {
  const to = (agent: string, task = 'Look it up.'): string => `@call delegate ${JSON.stringify({ agent, task })}`;

  test('gives a task to a kept agent, whose steps and sources are those of the node', async () => {
    keep('finder', { instructions: '@call search {"query": "locks"}\n@answer They expire. [2]', tools: ['search'] });
    const steps = new Map<string, JsonValue>();
    const script = `@call search {"query": "leases", "limit": 1}\n${to('finder')}\n@answer As told. [2]`;
    const output = await play(script, {}, steps);
    expect([...steps.keys()]).toEqual([
      ...['model', 'model/tool-1', 'model-2', 'model-2/tool-1/agent', 'model-2/tool-1/model', 'model-2/tool-1/model/tool-1'],
      ...['model-2/tool-1/model-2', 'model-3'],
    ]);
    expect(model.heard(4)).toEqual([{ agent: 'finder', answer: 'They expire. [2]', sources: [{ n: 2, title: 'T2' }] }]);
    expect(output).toMatchObject({ citations: [{ n: 2, chunk_id: 'c2' }], usage: { model_calls: 5 } });
    agents.clear();
    expect(await play(script, {}, steps)).toEqual(output);
    expect(model.requests).toHaveLength(5);
  });

  test('says so where there is no such agent, or it has no instructions, or cannot mend its mistakes', async () => {
    keep('mute', {});
    keep('stubborn', { instructions: '@call add {}\n'.repeat(9), tools: ['add'] });
    await play(
      `${to('nobody')}\n${to('mute').replace('@call', '@also')}\n${to('stubborn').replace('@call', '@also')}\n@answer So be it.`,
    );
    expect(
      model.requests
        .at(-1)!
        .messages.slice(-3)
        .map(({ content }) => JSON.parse(content) as JsonValue),
    ).toEqual([
      { error: 'There is no agent `nobody` that can be asked.' },
      { error: 'There is no agent `mute` that can be asked.' },
      { error: expect.stringContaining('made mistakes 4 times in a row') },
    ]);
  });

  test('goes only so deep', async () => {
    keep('deeper', { instructions: `${to('deeper')}\n@answer I asked.`, tools: ['delegate'] });
    expect(await play(`${to('deeper')}\n@answer I asked.`)).toMatchObject({ answer: 'I asked.', usage: { model_calls: 8 } });
    const told = model.requests.flatMap(({ messages }) => messages.map(({ content }) => content));
    expect(told.filter((content) => content.includes('cannot delegate further'))).toHaveLength(1);
  });
});

describe('an answer with a schema', () => {
  const output_schema: JsonObject = {
    type: 'object',
    properties: { town: { type: 'string' }, people: { type: 'integer', minimum: 1 } },
    required: ['town', 'people'],
  };

  test('is told what is wrong with it, and mended', async () => {
    const script = '@answer It is Rome.\n@answer {"town": "Rome"}\n@answer {"town": "Rome", "people": 3}';
    const output = await play(script, { output_schema });
    expect(output).toMatchObject({ answer: '{"town": "Rome", "people": 3}', data: { town: 'Rome', people: 3 } });
    const { messages } = model.requests[2]!;
    expect(messages[0]!.content).toContain('"people":{"type":"integer"');
    expect(messages.slice(2).map(({ role, content }) => [role, content])).toEqual([
      ['assistant', 'It is Rome.'],
      ['user', expect.stringMatching(/not JSON.*\n.*{"town":"text","people":1}/)],
      ['assistant', '{"town": "Rome"}'],
      ['user', expect.stringContaining('people')],
    ]);
  });

  test('that never fits fails the node', async () => {
    await expect(play('@answer No.\n@answer No.', { output_schema, max_corrections: 1 })).rejects.toMatchObject({
      code: 'correction_failed',
      message: expect.stringContaining('not JSON'),
    });
    await expect(play('@answer No.', { output_schema: { type: 'text' } })).rejects.toMatchObject({ code: 'workflow_invalid' });
  });
});

test('an agent with a tool that nobody has fails, and says which', async () => {
  await expect(play('Hello.', { tools: ['fly'] })).rejects.toMatchObject({ code: 'tool_not_found', context: { tool: 'fly' } });
});

test('two tools of one name, or a name that no model can call, are refused', () => {
  expect(() => new AgentToolbox([new AddTool(), new AddTool()])).toThrow('Two tools have the name `add`: AddTool and AddTool');
  expect(() => new AgentToolbox([Object.assign(new AddTool(), { name: 'a.b' })])).toThrow('which no model can call');
});
