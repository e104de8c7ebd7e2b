// The model that agents ask in a benchmark: the mock of the OpenAI API in a process of its own, which notes when each call came and was answered.
import { startOpenAiMock } from '../../support/openai-mock/mock-server.js';

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

let delayMs = 0;
let spreadMs = 0;
let inFlight = 0;
let mostInFlight = 0;
const calls: ModelCall[] = [];
const now = (): number => performance.timeOrigin + performance.now();

const mock = await startOpenAiMock({
  delayMs: () => delayMs + (Math.random() * 2 - 1) * spreadMs,
  onCall: (key = '') => {
    const cameAt = now();
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    return () => {
      inFlight -= 1;
      calls.push({ key, cameAt, answeredAt: now() });
    };
  },
});

function answer(request: ModelRequest): object {
  if (request.kind === 'in_flight') return { inFlight };
  if (request.kind === 'calls') return { calls, mostInFlight };
  ({ ms: delayMs, spreadMs } = request);
  mostInFlight = inFlight;
  calls.length = 0;
  return {};
}

process.on('message', (request: ModelRequest | string) => {
  if (typeof request === 'object') process.send?.({ kind: request.kind, ...answer(request) });
});
process.channel?.ref();
process.send?.({ kind: 'ready', url: mock.url });
