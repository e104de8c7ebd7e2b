import { getEventListeners, once } from 'node:events';
import { createServer as createHttpServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OpenAiChatModel, OpenAiEmbedder, OpenAiEndpoint, type OpenAiEndpointOptions } from '@baton/agents';
import {
  toErrorInfo,
  type BatonError,
  type ChatMessage,
  type ChatReply,
  type ChatRequest,
  type Clock,
  silentLog,
} from '@baton/core';
import { OpenAI } from 'openai';
import { eventually } from '../support/eventually.js';
import { startOpenAiMock, type OpenAiMock } from '../support/openai-mock/mock-server.js';

const API_KEY = 'sk-of-the-test-0123456789';

/** Sleeps not at all, and remembers for how long it was asked to. */
class NoWait implements Clock {
  readonly waits: number[] = [];
  now = (): number => Date.now();
  monotonic = (): number => performance.now();
  sleep(ms: number): Promise<void> {
    this.waits.push(ms);
    return Promise.resolve();
  }
}

let mock: OpenAiMock;
let clock: NoWait;
const open: OpenAiEndpoint[] = [];
const listening: Server[] = [];

beforeEach(async () => {
  mock = await startOpenAiMock({ apiKey: API_KEY });
  clock = new NoWait();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((opened) => opened.close()));
  for (const server of listening.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  await mock.close();
});

async function endpoint(options: Partial<OpenAiEndpointOptions> = {}): Promise<OpenAiEndpoint> {
  const defaults = {
    baseUrl: mock.url,
    apiKey: API_KEY,
    timeoutMs: 10_000,
    maxRetries: 2,
    maxConnections: 4,
    maxAnswerBytes: 1_048_576,
  };
  const opened = await OpenAiEndpoint.open({ ...defaults, ...options }, { clock, random: () => 0 });
  open.push(opened);
  return opened;
}

async function ask(options: Partial<OpenAiEndpointOptions> = {}, request: Partial<ChatRequest> = {}): Promise<ChatReply> {
  return await new OpenAiChatModel(await endpoint(options), 'gpt-mock').complete({
    model: '',
    messages: [{ role: 'user', content: 'What colour is the sky?' }],
    idempotencyKey: 'run/node/1/model',
    signal: new AbortController().signal,
    ...request,
  });
}

/** The address of a server that begins to listen, until the test ends. */
async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  listening.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const failureOf = (work: Promise<unknown>): Promise<BatonError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: BatonError) => error,
  );

test('the model is the one that the request names, else the configured one', async () => {
  expect((await ask()).model).toBe('gpt-mock');
  expect((await ask({}, { model: 'gpt-other' })).model).toBe('gpt-other');
});

test('only OpenAI itself is spoken to as OpenAI', async () => {
  expect((await endpoint({ baseUrl: null })).isOpenAi).toBe(true);
  expect((await endpoint()).isOpenAi).toBe(false);
});

describe('retries', () => {
  test('get through a limit and an outage, with one idempotency key', async () => {
    mock.failNext({ status: 429, retryAfter: '2' }, { status: 500 });
    const warned: unknown[] = [];
    const log = { ...silentLog, warn: (message: string, fields: unknown) => void warned.push([message, fields]) };
    expect((await ask({}, { log })).content).toMatch(/blue/);
    expect(clock.waits).toEqual([2_000, 1_000]);
    expect(warned).toEqual([
      [expect.stringMatching(/^The model is asked again: .*429/), { model: 'gpt-mock', tries: 1, wait_ms: 2_000 }],
      [expect.stringMatching(/^The model is asked again: .*500/), { model: 'gpt-mock', tries: 2, wait_ms: 1_000 }],
    ]);
    expect(mock.calls()).toMatchObject({ total: 3, failed: 2, idempotency_keys: { 'run/node/1/model': 3 } });
  });

  test('wait until the date that the endpoint names', async () => {
    mock.failNext({ status: 503, retryAfter: new Date(Date.now() + 5_000).toUTCString() });
    await ask();
    expect(clock.waits[0]).toBeGreaterThan(3_000);
    expect(clock.waits[0]).toBeLessThanOrEqual(6_000);
  });

  test('end when they are used up, with the last failure', async () => {
    mock.failNext({ status: 500 }, { status: 502 }, { status: 503 });
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({
      code: 'model_failed',
      context: { status: 503, model: 'gpt-mock' },
      options: { retryable: true },
    });
    expect(mock.calls().total).toBe(3);
  });

  test('leave a long pause to the engine', async () => {
    mock.failNext({ status: 429, retryAfter: '60' });
    expect(toErrorInfo(await failureOf(ask()))).toMatchObject({ retryable: true, retry_after_ms: 60_000 });
    expect(clock.waits).toEqual([]);
    expect(mock.calls().total).toBe(1);
  });

  test('do not follow what cannot get better', async () => {
    mock.failNext({ status: 400 });
    expect(await failureOf(ask())).toMatchObject({ code: 'model_failed', options: { retryable: false } });
    expect(mock.calls().total).toBe(1);
  });

  test('follow a connection that breaks off', async () => {
    mock.failNext({ cutAfterChunks: 0 });
    expect((await ask()).content).toMatch(/blue/);
    expect(mock.calls().total).toBe(2);
  });
});

describe('an answer in pieces', () => {
  const heard: [number, string][] = [];
  const hear = (text: string, offset: number): void => void heard.push([offset, text]);
  afterEach(() => void heard.splice(0));

  test('that breaks off is asked for once more, from its beginning', async () => {
    mock.failNext({ cutAfterChunks: 3 });
    const reply = await ask({}, { hear });
    expect(reply.content).toMatch(/blue/);
    expect(mock.calls()).toMatchObject({ total: 2, idempotency_keys: { 'run/node/1/model': 2 } });
    const again = heard.findLastIndex(([offset]) => offset === 0);
    expect(again).toBe(2);
    expect(
      heard
        .slice(again)
        .map(([, text]) => text)
        .join(''),
    ).toBe(reply.content);
  });

  test('that breaks off too often is a failure, and no half answer', async () => {
    mock.failNext({ cutAfterChunks: 3 }, { cutAfterChunks: 4 });
    expect(await failureOf(ask({ maxRetries: 1 }, { hear }))).toMatchObject({
      code: 'model_failed',
      options: { retryable: true },
    });
  });

  test('waits as long as a 429 asks, before it begins', async () => {
    mock.failNext({ status: 429, retryAfter: '2' });
    expect((await ask({}, { hear })).content).toMatch(/blue/);
    expect(clock.waits).toEqual([2_000]);
  });

  test('that does not go on in time, or is not wanted any more, ends with its connection', async () => {
    mock.failNext({ delayMs: 60_000 });
    const late = failureOf(ask({ timeoutMs: 300, maxRetries: 0 }, { hear }));
    expect((await late).message).toContain('within 300 ms');
    const abortion = new AbortController();
    mock.failNext({ delayMs: 60_000 });
    const asked = ask({}, { hear, signal: abortion.signal });
    await eventually(() => mock.calls().total === 2, 'the call has come');
    abortion.abort(new Error('the baton is lost'));
    await expect(asked).rejects.toThrow('the baton is lost');
    await eventually(() => mock.calls().aborted === 2, 'the connections are closed');
  });

  test('that is none is a failure', async () => {
    mock.failNext({ body: { hello: 'world' } });
    expect(await failureOf(ask({ maxRetries: 0 }, { hear }))).toMatchObject({
      code: 'model_failed',
      options: { retryable: true },
    });
  });
});

test('an answer is JSON where its type says so twice, or in other words', async () => {
  const answer = { choices: [{ message: { content: 'Blue.' }, finish_reason: 'stop' }] };
  for (const type of [
    ['application/json', 'application/json'],
    'Application/JSON; charset=utf-8',
    'application/vnd.model+json',
  ]) {
    const baseUrl = await listen(
      createHttpServer((_, response) => response.setHeader('content-type', type).end(JSON.stringify(answer))),
    );
    expect((await ask({ baseUrl, maxRetries: 0 })).content).toBe('Blue.');
  }
});

test('an empty answer, and one that is no JSON, are told as none of the API', async () => {
  for (const [type, text] of [
    ['application/json', ''],
    ['text/html', '<p>Hello</p>'],
  ] as const) {
    const baseUrl = await listen(createHttpServer((_, response) => response.setHeader('content-type', type).end(text)));
    const failure = await failureOf(ask({ baseUrl, maxRetries: 0 }));
    expect(failure).toMatchObject({
      message: expect.stringContaining('not one of the OpenAI API'),
      options: { retryable: true },
    });
  }
});

describe('failures', () => {
  test('an answer that does not come in time', async () => {
    mock.failNext({ delayMs: 60_000 });
    const failure = await failureOf(ask({ timeoutMs: 200, maxRetries: 0 }));
    expect(failure).toMatchObject({ message: expect.stringContaining('within 200 ms'), options: { retryable: true } });
    await eventually(() => mock.calls().aborted === 1, 'the connection is closed');
  });

  test('an answer that begins and does not end', async () => {
    const sockets: Socket[] = [];
    const stuck = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"mo'),
      );
    }).listen(0, '127.0.0.1');
    await once(stuck, 'listening');
    const { port } = stuck.address() as { port: number };
    const failure = await failureOf(ask({ baseUrl: `http://127.0.0.1:${port}/v1`, timeoutMs: 200, maxRetries: 0 }));
    expect(failure).toMatchObject({ message: expect.stringContaining('within 200 ms'), options: { retryable: true } });
    await eventually(() => sockets.every(({ destroyed }) => destroyed), 'the connection is closed');
    stuck.close();
  });

  test('nobody there', async () => {
    const { url } = mock;
    await mock.close();
    const failure = await failureOf(ask({ baseUrl: url, maxRetries: 1 }));
    expect(failure).toMatchObject({ message: expect.stringContaining('ECONNREFUSED'), options: { retryable: true } });
    expect(clock.waits).toEqual([500]);
    mock = await startOpenAiMock();
  });

  test.each([
    ['no choices', { choices: [] }],
    ['another API', { hello: 'world' }],
    ['no object', 'hello'],
  ])('an answer that is none: %s', async (_, body) => {
    mock.failNext({ body });
    expect(await failureOf(ask({ maxRetries: 0 }))).toMatchObject({ code: 'model_failed', options: { retryable: true } });
  });

  test.each([
    ['choices', { choices: [{ message: { content: 'Yes.' } }, 0, 0] }, 'choices[1]'],
    ['calls', { choices: [{ message: { tool_calls: [0, 0] } }] }, 'choices[0].message.tool_calls[0]'],
  ])('an answer that is wrong in many places tells the first: %s', async (_, body, place) => {
    mock.failNext({ body });
    const { message } = await failureOf(ask({ maxRetries: 0 }));
    expect(message).toMatch(/expected object, received number\n {2}→ at [^ ]+$/);
    expect(message.endsWith(` ${place}`)).toBe(true);
  });

  test('an answer without text is final, and says what to do', async () => {
    mock.failNext({ body: { choices: [{ message: { content: '' }, finish_reason: 'length' }] } });
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({
      options: { retryable: false, usage: { promptTokens: 7, completionTokens: 0 } },
      remedy: expect.stringContaining('max_tokens'),
    });
    mock.failNext({ body: { choices: [{ message: { content: null, refusal: 'I will not.' } }] } });
    expect(await ask()).toMatchObject({ content: 'I will not.', model: 'gpt-mock' });
  });

  test('a server that does not say what a call has used: it is estimated', async () => {
    mock.failNext({ body: { choices: [{ message: { content: 'It is blue.' } }] } });
    expect((await ask()).usage).toEqual({ promptTokens: 7, completionTokens: 4 });
  });

  test('the key is in no error, also where the endpoint repeats it', async () => {
    const failure = await failureOf(ask({ apiKey: `${API_KEY}-wrong` }));
    expect(failure.message).toContain('401 Incorrect API key provided: [redacted]');
    expect(failure.options.retryable).toBe(false);
    expect(JSON.stringify([failure, failure.stack, failure.cause, toErrorInfo(failure)])).not.toContain(API_KEY);
  });
});

describe('connections', () => {
  test('are kept for the next call, and no more than allowed', async () => {
    const model = new OpenAiChatModel(await endpoint({ maxConnections: 2 }), 'gpt-mock');
    const request = { model: '', idempotencyKey: 'k', signal: new AbortController().signal };
    const calls = Array.from({ length: 20 }, (_, n) =>
      model.complete({ ...request, messages: [{ role: 'user', content: `${n}` }] }),
    );
    await Promise.all(calls);
    expect(mock.calls()).toMatchObject({ total: 20, connections: 2 });
  });

  test('end with the call that is aborted', async () => {
    mock.failNext({ delayMs: 60_000 });
    const abortion = new AbortController();
    const asked = ask({}, { signal: abortion.signal });
    await eventually(() => mock.calls().total === 1, 'the call has come');
    abortion.abort(new Error('the baton is lost'));
    await expect(asked).rejects.toThrow('the baton is lost');
    await eventually(() => mock.calls().aborted === 1, 'the connection is closed');
    expect(mock.calls().total).toBe(1);
  });

  test('are not waited for by a call that is aborted', async () => {
    mock.failNext({ delayMs: 60_000 });
    const model = new OpenAiChatModel(await endpoint({ maxConnections: 1 }), 'gpt-mock');
    const messages: ChatMessage[] = [{ role: 'user', content: 'What colour is the sky?' }];
    const request = { model: '', messages, idempotencyKey: 'k', signal: new AbortController().signal };
    void model.complete(request).catch(() => undefined);
    await eventually(() => mock.calls().total === 1, 'the connection is taken');
    const abortion = new AbortController();
    const asked = model.complete({ ...request, signal: abortion.signal });
    await eventually(() => getEventListeners(abortion.signal, 'abort').length > 0, 'the call is under way');
    abortion.abort(new Error('the baton is lost'));
    await expect(asked).rejects.toThrow('the baton is lost');
    expect(mock.calls().total).toBe(1);
  });

  test('are all closed with the endpoint', async () => {
    mock.failNext({ delayMs: 60_000 });
    const opened = await endpoint({ maxRetries: 0 });
    const embedding = failureOf(new OpenAiEmbedder(opened, 'text-embedding-3-small', 8).embed(['a']));
    await eventually(() => mock.calls().total === 1, 'the call has come');
    await opened.close();
    expect(await embedding).toMatchObject({ code: 'model_failed' });
  });

  test('carry no key where there is none', async () => {
    const keyless = await startOpenAiMock({ apiKey: '' });
    expect((await ask({ baseUrl: keyless.url, apiKey: null })).content).toMatch(/blue/);
    await keyless.close();
  });
});

describe('embeddings', () => {
  test('come in batches, in the order of the texts', async () => {
    const embedder = new OpenAiEmbedder(await endpoint(), 'text-embedding-3-small', 64);
    const texts = Array.from({ length: 300 }, (_, n) => `text number ${n}`);
    const vectors = await embedder.embed(texts);
    expect(mock.calls().total).toBe(3);
    expect(vectors[299]).toEqual((await embedder.embed(['text number 299']))[0]);
    mock.clearCalls();
    await embedder.embed(['a'.repeat(200_000), 'b'.repeat(200_000)]);
    expect(mock.calls().total).toBe(2);
  });

  test('of another size than configured are refused, saying what to set', async () => {
    const embedder = new OpenAiEmbedder(await endpoint(), 'other-model', 768);
    expect(await failureOf(embedder.embed(['a']))).toMatchObject({
      code: 'model_failed',
      options: { retryable: false },
      remedy: expect.stringContaining('OPENAI_EMBEDDING_DIMENSIONS=1536'),
    });
  });

  test.each([
    ['too few', { data: [{ index: 0, embedding: [1, 0] }] }],
    ['twice the same', { data: [0, 0].map((index) => ({ index, embedding: [1, 0] })) }],
    ['without direction', { data: [0, 1].map((index) => ({ index, embedding: [0, 0] })) }],
    ['no vectors', { data: [{ index: 0, embedding: 'text' }] }],
  ])('that are wrong are refused: %s', async (_, body) => {
    mock.failNext({ body });
    const embedder = new OpenAiEmbedder(await endpoint({ maxRetries: 0 }), 'other-model', 2);
    expect(await failureOf(embedder.embed(['a', 'b']))).toMatchObject({ code: 'model_failed' });
  });

  test.each([
    [
      'entries',
      ['a', 'b'].map((index) => ({ index, embedding: [1, 0] })),
      'expected number, received string\n  → at data[0].index',
    ],
    [
      'numbers',
      [{ index: 0 }, { index: 1 }].map((it) => ({ ...it, embedding: ['a', 'b'] })),
      'must be a list of numbers\n  → at data[0].embedding',
    ],
  ])('that are wrong in many places tell the first: %s', async (_, data, problem) => {
    mock.failNext({ body: { data } });
    const { message } = await failureOf(new OpenAiEmbedder(await endpoint({ maxRetries: 0 }), 'other-model', 2).embed(['a']));
    expect(message.slice(-problem.length)).toBe(problem);
  });

  test('are brought to unit length and into order', async () => {
    mock.failNext({ body: { data: [1, 0].map((index) => ({ index, embedding: [3, index === 0 ? 4 : -4] })) } });
    const vectors = await new OpenAiEmbedder(await endpoint(), 'other-model', 2).embed(['a', 'b']);
    expect(vectors).toEqual([Float32Array.of(0.6, 0.8), Float32Array.of(0.6, -0.8)]);
  });
});

interface Sent {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

const STREAMED = `data: {"choices":[{"delta":{"content":"Yes."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
const WHOLE = '{"choices":[{"message":{"content":"Yes."}}],"data":[{"index":0,"embedding":[1,0]}]}';

/** A server that answers each call alike, and keeps what was sent. */
async function startRecorder(): Promise<{ url: string; sent: Sent[] }> {
  const sent: Sent[] = [];
  const server = createHttpServer((request, response) => {
    const { method, url, headers } = request;
    void json(request).then((body) => {
      const isStreamed = (body as Sent['body'])['stream'] === true;
      sent.push({ method, url, headers, body: body as Sent['body'] });
      response
        .setHeader('content-type', isStreamed ? 'text/event-stream' : 'application/json')
        .end(isStreamed ? STREAMED : WHOLE);
    });
  });
  return { url: await listen(server), sent };
}

describe.each([API_KEY, null])('a call says what the SDK says, with the key %s', (apiKey) => {
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  let opened: OpenAiEndpoint;
  let sdk: OpenAI;
  beforeEach(async () => {
    recorder = await startRecorder();
    opened = await endpoint({ baseUrl: recorder.url, apiKey, maxRetries: 0 });
    sdk = new OpenAI({
      ...{ baseURL: recorder.url, apiKey: apiKey ?? 'none', timeout: 2_000_000_000, maxRetries: 0 },
      ...(apiKey === null && { defaultHeaders: { Authorization: null } }),
    });
  });

  /** The second call of ours, which is put together from what the first one left, and that of the SDK. */
  function expectTheSame(): Sent {
    const [, ours, theirs] = recorder.sent;
    expect(recorder.sent).toHaveLength(3);
    // What `fetch` adds by itself is of the connection.
    const { 'accept-language': _, 'sec-fetch-mode': __, ...said } = theirs!.headers;
    expect(ours).toEqual({ ...theirs, headers: { ...said, 'accept-encoding': 'identity' } });
    return ours!;
  }
  const messages = [{ role: 'user', content: 'Why “so”?' }] as const;

  test.each([false, true])('and its own idempotency key: in pieces, %s', async (isStreamed) => {
    const model = new OpenAiChatModel(opened, 'gpt-mock');
    const request = { model: '', messages: [...messages], signal: new AbortController().signal };
    const hear = isStreamed ? { hear: () => undefined } : {};
    await model.complete({ ...request, idempotencyKey: 'run/1' });
    await model.complete({ ...request, idempotencyKey: 'run/2', ...hear });
    const body = { model: 'gpt-mock', messages: [...messages] };
    const headers = { 'Idempotency-Key': 'run/2' };
    if (isStreamed) {
      const streamed = { ...body, stream: true, stream_options: { include_usage: true } } as const;
      for await (const chunk of await sdk.chat.completions.create(streamed, { headers })) expect(chunk.choices).toHaveLength(1);
    } else await sdk.chat.completions.create(body, { headers });
    expect(expectTheSame()).toMatchObject({
      ...{ url: '/v1/chat/completions', headers: { 'idempotency-key': 'run/2' } },
      body: isStreamed ? { stream: true } : body,
    });
    expect(recorder.sent[0]!.headers['idempotency-key']).toBe('run/1');
  });

  test('for embeddings', async () => {
    const embedder = new OpenAiEmbedder(opened, 'bge-m3', 2);
    await embedder.embed(['first']);
    await embedder.embed(['Größe']);
    await sdk.embeddings.create({ model: 'bge-m3', input: ['Größe'] });
    expect(expectTheSame()).toMatchObject({ url: '/v1/embeddings', body: { model: 'bge-m3', input: ['Größe'] } });
  });
});

test('what posts no JSON is refused, and not sent as if it did', async () => {
  const opened = await endpoint({ maxRetries: 0 });
  const listed = opened.call('gpt-mock', async (client, limit) => await client.models.list({ signal: limit.toSignal() }));
  expect((await failureOf(listed)).message).toContain('not get /models');
  const queried = opened.call(
    'gpt-mock',
    async (client, limit) => await client.post('/embeddings', { query: { a: '1' }, signal: limit.toSignal() }),
  );
  expect((await failureOf(queried)).message).toContain('not post /embeddings');
  expect(mock.calls().total).toBe(0);
});

test('a redirect is followed, and another origin is not told the key', async () => {
  const { port } = new URL(mock.url);
  const moved = createHttpServer((request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${port}${request.url}` }).end('Moved.');
  });
  const baseUrl = await listen(moved);
  const failure = await failureOf(ask({ baseUrl }, { idempotencyKey: 'moved' }));
  expect(failure).toMatchObject({ code: 'model_failed', context: { status: 401 } });
  expect(mock.calls().idempotency_keys).toEqual({ moved: 1 });
});

describe('an answer larger than allowed', () => {
  const KIB = 1_024;
  /** Where the server gives up: far more than sockets take without being read. */
  const NO_END = 64 * KIB * KIB;
  const CHUNK = `data: {"choices":[{"delta":{"content":"${'y'.repeat(KIB)}"}}]}\n\n`;
  let url: string;
  /** How often it was answered at length. */
  let answers: number;
  let bytes: number;
  let closed: number;
  beforeEach(async () => {
    [answers, bytes, closed] = [0, 0, 0];
    const server = createHttpServer((request, response) => {
      request.resume();
      if (request.headers['idempotency-key'] === 'moved' && !request.url!.endsWith('there')) {
        response.writeHead(307, { location: `${request.url}/there` }).end();
      } else request.once('end', () => answerWithoutEnd(request.headers['idempotency-key'] as string, response));
    });
    url = await listen(server);
  });

  function answerWithoutEnd(kind: string | undefined, response: ServerResponse): void {
    answers += 1;
    response.once('close', () => (closed += 1));
    const type = kind === 'chunks' ? 'text/event-stream' : 'application/json';
    response.writeHead(kind?.startsWith('error') ? 500 : 200, { 'content-type': type });
    const piece = kind === 'chunks' ? CHUNK : 'x'.repeat(16 * KIB);
    const write = (): void => {
      let isTaken = true;
      while (isTaken && !response.destroyed && bytes < NO_END) {
        isTaken = response.write(piece);
        bytes += piece.length;
      }
      if (bytes >= NO_END) response.destroy();
    };
    response.on('drain', write);
    write();
  }

  const hear = (): void => undefined;
  test.each<[string, (maxAnswerBytes: number) => Promise<unknown>]>([
    ['whole', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes })],
    ['in chunks', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes }, { hear, idempotencyKey: 'chunks' })],
    ['in pieces, without the end of a line', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes }, { hear })],
    ['an error', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes }, { idempotencyKey: 'error' })],
    ['an error in pieces', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes }, { hear, idempotencyKey: 'error' })],
    ['after a redirect', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes }, { idempotencyKey: 'moved' })],
    ['in pieces after a redirect', (maxAnswerBytes) => ask({ baseUrl: url, maxAnswerBytes }, { hear, idempotencyKey: 'moved' })],
    [
      'embeddings',
      async (maxAnswerBytes) => new OpenAiEmbedder(await endpoint({ baseUrl: url, maxAnswerBytes }), 'bge-m3', 2).embed(['a']),
    ],
  ])('ends there, with its connection, and is not asked for again: %s', async (_, call) => {
    const failure = await failureOf(call(256 * KIB));
    expect(failure).toMatchObject({
      code: 'model_answer_too_large',
      message: `The model endpoint ${new URL(url).origin} answered with more than 262144 bytes`,
      remedy: expect.stringContaining('MODEL_MAX_ANSWER_BYTES'),
      context: { model: expect.any(String) },
      options: { retryable: false },
    });
    await eventually(() => closed === 1, 'the connection is closed');
    expect(answers).toBe(1);
    expect(clock.waits).toEqual([]);
    expect(bytes).toBeLessThan(NO_END);
  });

  test('is one byte larger, on a kept connection too', async () => {
    const recorder = await startRecorder();
    const asked = async (maxAnswerBytes: number, more: Partial<ChatRequest>): Promise<void> => {
      const model = new OpenAiChatModel(await endpoint({ baseUrl: recorder.url, maxAnswerBytes, maxConnections: 1 }), 'gpt-mock');
      const messages: ChatMessage[] = [{ role: 'user', content: 'Why?' }];
      const request = { model: '', messages, idempotencyKey: 'k', signal: new AbortController().signal, ...more };
      for (let call = 0; call < 3; call += 1) expect((await model.complete(request)).content).toBe('Yes.');
    };
    await asked(WHOLE.length, {});
    await asked(STREAMED.length, { hear });
    expect(recorder.sent).toHaveLength(6);
    expect(await failureOf(asked(WHOLE.length - 1, {}))).toMatchObject({ code: 'model_answer_too_large' });
    expect(await failureOf(asked(STREAMED.length - 1, { hear }))).toMatchObject({ code: 'model_answer_too_large' });
  });

  test('is not unpacked to more than was sent, after a redirect either', async () => {
    const packed = gzipSync(WHOLE.padEnd(64 * KIB));
    const sender = createHttpServer((request, response) => {
      if (!request.url!.endsWith('there')) response.writeHead(307, { location: `${request.url}/there` }).end();
      else response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
    });
    const baseUrl = await listen(sender);
    const failure = await failureOf(ask({ baseUrl, maxAnswerBytes: KIB, maxRetries: 0 }));
    expect(failure).toMatchObject({ code: 'model_failed', message: expect.stringContaining('JSON') });
  });
});
