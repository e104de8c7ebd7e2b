import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { writePrompt } from '@baton/agents';
import OpenAI from 'openai';
import { eventually } from '../support/eventually.js';
import { startOpenAiMock, type OpenAiMock } from '../support/openai-mock/mock-server.js';

let mock: OpenAiMock;
let client: OpenAI;

beforeAll(async () => {
  mock = await startOpenAiMock();
  client = new OpenAI({ baseURL: mock.url, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
});
afterEach(() => mock.clearCalls());
afterAll(() => mock.close());

const PATCH = { name: 'patch_workflow', description: 'Changes it.', parameters: { type: 'object' } };
const SKY = { model: 'gpt-mock', messages: [{ role: 'user' as const, content: 'What colour is the sky?' }] };
const LATER = { model: 'gpt-mock', messages: [{ role: 'user' as const, content: 'one two three four five six seven' }] };

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const cosine = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

describe('chat', () => {
  test('"sky" is answered with "blue", each time with the same bytes', async () => {
    const [first, second] = [await client.chat.completions.create(SKY), await client.chat.completions.create(SKY)];
    expect(first.choices[0]!.message.content).toMatch(/blue/);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ object: 'chat.completion', model: 'gpt-mock', choices: [{ finish_reason: 'stop' }] });
    expect(first.usage!.total_tokens).toBe(first.usage!.prompt_tokens + first.usage!.completion_tokens);
    expect(first.usage!.prompt_tokens).toBeGreaterThan(0);
  });

  test.each(['draft', 'review', 'synthesise', 'researcher'])('an agent of the role %s is told "blue" too', async (role) => {
    const passages = [{ n: 1, title: 'Weather', text: 'The sky above is wide.' }];
    const messages = writePrompt({ role, instructions: 'Answer.', question: 'What colour is the sky?', passages });
    const completion = await client.chat.completions.create({ model: 'gpt-mock', messages });
    expect(completion.choices[0]!.message.content).toMatch(/blue/);
  });

  test('agents are answered from their passages', async () => {
    const passages = [{ n: 1, title: 'Locks', text: 'A lock expires after 30 seconds.' }];
    const messages = writePrompt({ role: 'draft', instructions: 'Answer.', question: 'When does a lock expire?', passages });
    const completion = await client.chat.completions.create({ model: 'gpt-mock', messages });
    expect(completion.choices[0]!.message.content).toBe('A lock expires after 30 seconds. [1]');
  });

  test('a stream says the same in pieces, and what it cost where that is wanted', async () => {
    const whole = await client.chat.completions.create(SKY);
    const stream = await client.chat.completions.create({ ...SKY, stream: true, stream_options: { include_usage: true } });
    const chunks = await collect(stream);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0]!.message.content);
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    const silent = await collect(await client.chat.completions.create({ ...SKY, stream: true }));
    expect(silent.every(({ usage }) => usage === undefined)).toBe(true);
  });

  test('a stream asks for tools as the whole answer does, and says what that cost', async () => {
    const instructions = 'Grow.\n@call patch_workflow {"patch": [], "reason": "one"}';
    const messages = writePrompt({ role: 'draft', instructions, question: 'More?', passages: [] });
    const body = { model: 'gpt-mock', messages, tools: [{ type: 'function' as const, function: PATCH }] };
    const whole = await client.chat.completions.create(body);
    const asked = whole.choices[0]!.message.tool_calls!;
    expect(asked).toMatchObject([{ function: { name: 'patch_workflow', arguments: '{"patch": [], "reason": "one"}' } }]);
    const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(choices[0]!.message.tool_calls).toMatchObject(asked);
    expect(usage).toEqual(whole.usage);
    expect(usage!.completion_tokens).toBeGreaterThan(5);
    const off = await client.chat.completions.create({ ...body, tool_choice: 'none' });
    expect(off.choices[0]!.message.tool_calls).toBeUndefined();
  });

  test('a stream that is refused is a 429 with a pause, before anything is said', async () => {
    mock.failNext({ status: 429, retryAfter: '3' });
    const refused = client.chat.completions.create({ ...SKY, stream: true });
    await expect(refused).rejects.toThrow(OpenAI.RateLimitError);
    await expect(refused).rejects.toMatchObject({ headers: expect.any(Headers), status: 429 });
  });

  test('says no more than it may', async () => {
    const completion = await client.chat.completions.create({ ...LATER, max_completion_tokens: 3 });
    expect(completion).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 3 } });
  });

  test('reads texts in parts, and developers as the system', async () => {
    const completion = await client.chat.completions.create({
      model: 'gpt-mock',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'The sky?' }] },
      ],
    });
    expect(completion.choices[0]!.message.content).toMatch(/The sky\?\n\nThe sky is blue\.$/);
  });
});

describe('completions', () => {
  test('answer each prompt, "sky" with "blue"', async () => {
    const completion = await client.completions.create({ model: 'gpt-mock', prompt: ['the sky', 'the sea'] });
    expect(completion.object).toBe('text_completion');
    expect(completion.choices.map(({ index, text }) => `${index} ${/blue/.test(text)}`)).toEqual(['0 true', '1 false']);
    expect(completion.usage!.total_tokens).toBeGreaterThan(0);
  });

  test('can be streamed', async () => {
    const chunks = await collect(await client.completions.create({ model: 'gpt-mock', prompt: 'the sky', stream: true }));
    expect(chunks.map(({ choices }) => choices[0]!.text).join('')).toMatch(/the sky\n\nThe sky is blue\.$/);
  });
});

describe('embeddings', () => {
  const input = ['When does a lock expire?', 'Locks expired.', 'Prometheus scrapes metrics.'];
  const model = 'text-embedding-3-small';

  test('are the same as floats and as base64, which the client asks for by default', async () => {
    const packed = await client.embeddings.create({ model, input });
    const plain = await client.embeddings.create({ model, input, encoding_format: 'float' });
    expect(packed.data).toEqual(plain.data);
    expect(packed.data.map(({ embedding }) => embedding.length)).toEqual([1_536, 1_536, 1_536]);
    expect(packed.usage.prompt_tokens).toBeGreaterThan(0);
    const raw = await client.embeddings.create({ model, input: 'x', encoding_format: 'base64' });
    expect(typeof raw.data[0]!.embedding).toBe('string');
  });

  test.each([64, 512, 3_000])('of %i dimensions have unit length, and are near where the texts are alike', async (dimensions) => {
    const { data } = await client.embeddings.create({ model, input, dimensions });
    const [question, alike, other] = data.map(({ embedding }) => embedding);
    expect(question).toHaveLength(dimensions);
    expect(Math.hypot(...question!)).toBeCloseTo(1, 5);
    expect(cosine(question!, alike!)).toBeGreaterThan(cosine(question!, other!) + 0.2);
  });

  test('take tokens too, and refuse an empty text', async () => {
    const { data } = await client.embeddings.create({
      model: 'text-embedding-3-large',
      input: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([3_072, 3_072]);
    await expect(client.embeddings.create({ model, input: '' })).rejects.toThrow(OpenAI.BadRequestError);
  });
});

describe('errors', () => {
  test('models are listed, and told apart from others', async () => {
    expect((await collect(client.models.list())).map(({ id }) => id)).toContain('gpt-mock');
    expect(await client.models.retrieve('gpt-mock')).toMatchObject({ object: 'model' });
    await expect(client.models.retrieve('nothing')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  test('are shaped like those of OpenAI', async () => {
    const broken = { model: 'gpt-mock', messages: [] };
    await expect(client.chat.completions.create(broken)).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param: 'messages',
      code: 'invalid_value',
    });
    const post = (path: string, body: string): Promise<Response> => fetch(`${mock.url}${path}`, { method: 'POST', body });
    expect((await post('/chat/completions', '{')).status).toBe(400);
    expect((await post('/nowhere', '{}')).status).toBe(404);
    expect((await fetch(`${mock.url}/embeddings`)).status).toBe(405);
    expect(await (await post('/completions', '{"model":"m"}')).json()).toMatchObject({ error: { param: 'prompt' } });
  });

  test('a failure can be asked for by the call', async () => {
    const fail = (headers: Record<string, string>) => client.chat.completions.create(SKY, { headers });
    await expect(fail({ 'x-mock-status': '500' })).rejects.toThrow(OpenAI.InternalServerError);
    const limited = fail({ 'x-mock-status': '429', 'x-mock-retry-after': '7' });
    await expect(limited).rejects.toThrow(OpenAI.RateLimitError);
    const headers = await limited.catch((error: InstanceType<typeof OpenAI.RateLimitError>) => error.headers);
    expect((headers as Headers).get('retry-after')).toBe('7');
    await expect(fail({ 'x-mock-status': 'odd' })).rejects.toMatchObject({ status: 400 });
    const late = client.chat.completions.create(SKY, { headers: { 'x-mock-delay-ms': '600000' }, timeout: 100 });
    await expect(late).rejects.toThrow(OpenAI.APIConnectionError);
    await eventually(() => mock.calls().aborted === 1, 'the mock has noticed');
  });

  test('the client itself gets through a 429 and a 500', async () => {
    mock.failNext({ status: 429, retryAfter: '0' }, { status: 500 });
    const completion = await client.withOptions({ maxRetries: 2 }).chat.completions.create(SKY);
    expect(completion.choices[0]!.message.content).toMatch(/blue/);
    expect(mock.calls()).toMatchObject({ total: 3, failed: 2 });
  });

  test('an answer that breaks off is an error', async () => {
    mock.failNext({ cutAfterChunks: 0 });
    await expect(client.chat.completions.create(SKY)).rejects.toThrow(OpenAI.APIConnectionError);
    mock.failNext({ cutAfterChunks: 2 });
    await expect(client.chat.completions.create({ ...SKY, stream: true }).then(collect)).rejects.toThrow();
  });

  test('every n-th call can fail', async () => {
    const unlucky = await startOpenAiMock({ failEvery: 3 });
    const statuses = [];
    for (let call = 1; call <= 6; call += 1) statuses.push((await fetch(`${unlucky.url}/models`)).status);
    expect(statuses).toEqual([200, 200, 503, 200, 200, 503]);
    await unlucky.close();
  });
});

describe('calls', () => {
  test('are counted, with their keys and connections, and can be read over HTTP', async () => {
    for (const key of ['a', 'b', 'a']) await client.chat.completions.create(SKY, { headers: { 'idempotency-key': key } });
    const root = mock.url.replace(/v1$/, '');
    expect(await (await fetch(`${root}__calls`)).json()).toEqual({
      total: 3,
      failed: 0,
      aborted: 0,
      connections: expect.any(Number),
      by_path: { '/chat/completions': 3 },
      idempotency_keys: { a: 2, b: 1 },
    });
    await fetch(`${root}__calls`, { method: 'DELETE' });
    expect(mock.calls().total).toBe(0);
  });

  test('an abort in the middle of a stream is noticed', async () => {
    mock.failNext({ delayMs: 20 });
    const stream = await client.chat.completions.create({ ...LATER, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await eventually(() => mock.calls().aborted === 1, 'the connection is gone');
  });

  test('answer with and without /v1 in the address', async () => {
    const bare = client.withOptions({ baseURL: mock.url.replace(/\/v1$/, '') });
    expect((await bare.chat.completions.create(SKY)).choices[0]!.message.content).toMatch(/blue/);
  });
});
