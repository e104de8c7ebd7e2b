import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { CallLog, type CallCounts } from './call-log.js';
import { MockError } from './mock-error.js';
import * as reply from './mock-reply.js';
import { ChatBody, CompletionBody, EmbeddingBody } from './mock-request.js';

/** What goes wrong with one call. */
interface MockFault {
  /** The answer is an error with this status. */
  status?: number;
  /** Seconds, or an HTTP date. */
  retryAfter?: string;
  /** Before the answer; in a stream, before each chunk. */
  delayMs?: number;
  /** The connection breaks off: before the answer, or after so many chunks of a stream. */
  cutAfterChunks?: number;
  /** Sent with status 200 instead of an answer, or as the only chunk of a stream. */
  body?: unknown;
}

export interface OpenAiMockOptions {
  /** 0, the default: a free one. */
  port?: number;
  /** Every n-th call fails with 503 and `Retry-After: 1`. */
  failEvery?: number;
  /** Without it, any key will do, and none. */
  apiKey?: string;
  /** Milliseconds before each answer, asked for anew with each call; none of its own: none. */
  delayMs?: (idempotencyKey: string | undefined) => number;
  /** Told of each call as it comes; what it returns is told of its end. */
  onCall?: (idempotencyKey: string | undefined) => () => void;
}

export interface OpenAiMock {
  /** Base URL, with `/v1`. */
  readonly url: string;
  readonly port: number;
  calls(): CallCounts;
  clearCalls(): void;
  /** The next calls, one for each fault, go wrong like this. */
  failNext(...faults: MockFault[]): void;
  close(): Promise<void>;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  fault: MockFault;
  /** Aborts when the connection is gone. */
  signal: AbortSignal;
}

type Endpoint = (exchange: Exchange) => Promise<void>;

const MAX_CHUNKS = 1_000_000;
/** Connections that may come at once: one that finds no place is tried again after a second. */
const BACKLOG = 4_096;

/** A server with the API of OpenAI on loopback that answers the same to the same, needs no model, and fails when it is told to. */
export async function startOpenAiMock(options: OpenAiMockOptions = {}): Promise<OpenAiMock> {
  const log = new CallLog();
  const planned: MockFault[] = [];
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://mock').pathname.replace(/^\/v1(?=\/)/, '');
    if (path === '/__calls') {
      if (request.method === 'DELETE') log.clear();
      return sendJson(response, 200, log.counts());
    }
    const idempotencyKey = request.headers['idempotency-key']?.toString();
    const number = log.add(path, request.socket, idempotencyKey);
    const ended = options.onCall?.(idempotencyKey);
    if (ended !== undefined) response.on('close', ended);
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished && fault.cutAfterChunks === undefined) log.addAbort();
      gone.abort();
    });
    const isUnlucky = options.failEvery !== undefined && number % options.failEvery === 0;
    const unlucky: MockFault = isUnlucky ? { status: 503, retryAfter: '1' } : {};
    const delayMs = options.delayMs?.(idempotencyKey);
    const fault = { ...(delayMs !== undefined && { delayMs }), ...unlucky, ...planned.shift() };
    try {
      Object.assign(fault, readFault(request));
      checkKey(request, options.apiKey);
      await findEndpoint(request.method ?? '', path)({ request, response, fault, signal: gone.signal });
    } catch (error) {
      if (gone.signal.aborted) return;
      log.addFailure();
      sendError(response, error);
    }
  }

  server.listen({ port: options.port ?? 0, host: '127.0.0.1', backlog: BACKLOG });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    calls: () => log.counts(),
    clearCalls: () => log.clear(),
    failNext: (...faults) => void planned.push(...faults),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const POST_ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/chat/completions', completeChat],
  ['/completions', completeText],
  ['/embeddings', embed],
]);

function findEndpoint(method: string, path: string): Endpoint {
  const post = POST_ENDPOINTS.get(path);
  if (post !== undefined && method === 'POST') return post;
  if (post !== undefined) throw new MockError(405, `Not allowed to ${method} on ${path}. Use POST.`);
  if (method === 'GET' && path === '/models') return (exchange) => answer(exchange, reply.modelList());
  if (method === 'GET' && path.startsWith('/models/'))
    return (exchange) => answer(exchange, findModel(path.slice('/models/'.length)));
  throw new MockError(404, `Invalid URL (${method} ${path})`);
}

async function completeChat(exchange: Exchange): Promise<void> {
  const body = await readBody(exchange.request, ChatBody);
  const text = await reply.answerChat(body);
  if (body.stream) return await stream(exchange, reply.chatChunks(body, text));
  return await answer(exchange, reply.chatCompletion(body, text));
}

async function completeText(exchange: Exchange): Promise<void> {
  const body = await readBody(exchange.request, CompletionBody);
  // Sixteen is what the API itself gives without a limit; a mock that breaks off in mid-sentence would help nobody.
  const texts = body.prompt.map((prompt) => reply.answerPrompt(prompt, body.max_tokens ?? Infinity));
  if (body.stream) return await stream(exchange, reply.textChunks(body, texts));
  return await answer(exchange, reply.textCompletion(body, texts));
}

async function embed(exchange: Exchange): Promise<void> {
  await answer(exchange, await reply.embeddings(await readBody(exchange.request, EmbeddingBody)));
}

function findModel(id: string): object {
  if (reply.MODELS.includes(id)) return reply.modelCard(id);
  throw new MockError(404, `The model '${id}' does not exist`, { code: 'model_not_found', param: 'model' });
}

async function answer(exchange: Exchange, body: object): Promise<void> {
  const { response, fault } = exchange;
  await failIfToldTo(exchange);
  if (fault.cutAfterChunks !== undefined) response.destroy();
  else sendJson(response, 200, fault.body ?? body);
}

async function stream(exchange: Exchange, chunks: readonly object[]): Promise<void> {
  const { response, fault, signal } = exchange;
  await failIfToldTo(exchange);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const said = fault.body === undefined ? chunks : [fault.body];
  for (const chunk of said.slice(0, fault.cutAfterChunks ?? MAX_CHUNKS)) {
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if (fault.delayMs !== undefined) await pause(fault.delayMs, undefined, { signal });
  }
  // What was said comes before the end of the connection.
  if (fault.cutAfterChunks !== undefined) response.socket?.destroySoon();
  else response.end('data: [DONE]\n\n');
}

async function failIfToldTo({ fault: { status, retryAfter, delayMs }, signal }: Exchange): Promise<void> {
  if (delayMs !== undefined) await pause(delayMs, undefined, { signal });
  if (status !== undefined) throw new MockError(status, 'This failure was asked for', { code: 'mock_fault' }, retryAfter);
}

/** Faults can also be asked for by the call itself. */
function readFault({ headers }: IncomingMessage): MockFault {
  const status = headers['x-mock-status']?.toString();
  const retryAfter = headers['x-mock-retry-after']?.toString();
  const delayMs = headers['x-mock-delay-ms']?.toString();
  return {
    ...(status !== undefined && { status: readNumber('x-mock-status', status, 400, 599) }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(delayMs !== undefined && { delayMs: readNumber('x-mock-delay-ms', delayMs, 0, 600_000) }),
  };
}

function readNumber(header: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new MockError(400, `The header ${header} takes a whole number from ${min} to ${max}`);
}

/** Repeats the wrong key, as some servers do: whoever logs the message must hide it. */
function checkKey({ headers }: IncomingMessage, apiKey: string | undefined): void {
  const sent = headers.authorization?.replace(/^Bearer /, '') ?? '';
  if (apiKey === undefined || sent === apiKey) return;
  throw new MockError(401, `Incorrect API key provided: ${sent}`, { code: 'invalid_api_key' });
}

async function readBody<T extends z.ZodType>(request: IncomingMessage, schema: T): Promise<z.infer<T>> {
  let body: unknown;
  try {
    body = await json(request);
  } catch {
    throw new MockError(400, 'We could not parse the JSON body of your request.');
  }
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  throw new MockError(400, `Invalid '${path.join('.')}': ${message}`, { param: path.join('.'), code: 'invalid_value' });
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof MockError ? error : new MockError(500, String(error));
  sendJson(response, known.status, known.body, known.retryAfter === undefined ? {} : { 'retry-after': known.retryAfter });
}
