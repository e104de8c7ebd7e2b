// The model that agents ask in a benchmark, in a process of its own: it gives each call the same answer of the OpenAI API, and notes when the call came and was
// answered. The mock of that API reads what it is asked and finds an answer, for which it takes as much of the cores as the worker that is measured.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call under its idempotency key, with its instants in milliseconds of the epoch. */
export interface ModelCall {
  key: string;
  cameAt: number;
  answeredAt: number;
}

/** What a benchmark tells it, and what it answers under the same kind. */
export type ModelRequest =
  /** Each answer takes so long from now on, give or take up to `spreadMs`, and the calls before are forgotten. */
  | { kind: 'answer_after'; ms: number; spreadMs: number }
  | { kind: 'in_flight' }
  /** All that have been answered. */
  | { kind: 'calls' };

/** Connections that may come at once: one that finds no place is tried again after a second. */
const BACKLOG = 4_096;

const COMPLETION = JSON.stringify({
  ...{ id: 'chatcmpl-bench', object: 'chat.completion', created: 1_800_000_000, model: 'bench' },
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The sky is blue, for the air scatters blue light more than red. '.repeat(3).trim(),
      },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 120, completion_tokens: 45, total_tokens: 165 },
});
const HEADERS = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(COMPLETION)) };

let delayMs = 0;
let spreadMs = 0;
let inFlight = 0;
let mostInFlight = 0;
const calls: ModelCall[] = [];
const now = (): number => performance.timeOrigin + performance.now();

function serve(request: IncomingMessage, response: ServerResponse): void {
  const key = request.headers['idempotency-key']?.toString() ?? '';
  const cameAt = now();
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  response.on('close', () => (inFlight -= 1));
  const answer = (): void => {
    if (response.destroyed) return;
    calls.push({ key, cameAt, answeredAt: now() });
    response.writeHead(200, HEADERS).end(COMPLETION);
  };
  request.on('end', () => setTimeout(answer, delayMs + (Math.random() * 2 - 1) * spreadMs)).resume();
}

function reply(request: ModelRequest): object {
  if (request.kind === 'in_flight') return { inFlight };
  if (request.kind === 'calls') return { calls, mostInFlight };
  ({ ms: delayMs, spreadMs } = request);
  mostInFlight = inFlight;
  calls.length = 0;
  return {};
}

const server = createServer(serve).listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
await once(server, 'listening');
process.on('message', (request: ModelRequest | string) => {
  if (typeof request === 'object') process.send?.({ kind: request.kind, ...reply(request) });
});
process.channel?.ref();
process.send?.({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
