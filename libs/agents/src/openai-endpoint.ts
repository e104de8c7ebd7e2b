import { BatonError, silentLog, SystemClock, type Clock, type NodeLog } from '@baton/core';
import type { APIError } from 'openai';
import type { Agent } from 'undici';
import { CallTurns } from './call-turns.js';
import { EndpointPool } from './endpoint-pool.js';
import { lostCall, refusedCall, type FailedCall } from './openai-failure.js';
import type { PooledOpenAi } from './pooled-openai.js';
import { TryLimit } from './try-limit.js';

export interface OpenAiEndpointOptions {
  /** Of any server with the API of OpenAI; null: OpenAI's own. */
  baseUrl: string | null;
  /** Null: calls carry no key. */
  apiKey: string | null;
  /** Bound on one try of a call, its whole answer included. */
  timeoutMs: number;
  /** Tries after the first one, within a call. */
  maxRetries: number;
  maxConnections: number;
  /** Bound on the body of one answer as it is sent, whole or in pieces. */
  maxAnswerBytes: number;
}

interface EndpointParts {
  client: PooledOpenAi;
  agent: Agent;
  turns: CallTurns;
  isApiError: (error: unknown) => error is APIError;
  clock: Clock;
  random: () => number;
}

const OPENAI_URL = 'https://api.openai.com/v1';

/** An idle connection is kept for the next call; a little less than servers and load balancers usually do. */
const KEEP_ALIVE_MS = 30_000;
const CONNECT_WITHIN_MS = 10_000;
const MAX_REDIRECTIONS = 20;

/** Waits between the tries of one call: doubled each time, up to half of it left to chance. */
const FIRST_WAIT_MS = 500;
const LONGEST_OWN_WAIT_MS = 8_000;
/** What is to wait for longer fails instead: the engine then parks the run, where a call would hold its place in the worker. */
const LONGEST_WAIT_MS = 10_000;

/**
 * The SDK's own time limit does not cover the whole answer; ours does, so that one is out of the way. It is less than timers take at most: the SDK adds
 * to it by how much the clock was set back.
 */
const NO_TIMEOUT_MS = 2_000_000_000;

/**
 * An endpoint with the API of OpenAI, called through the official SDK over one pool of kept connections. Each call is bounded in time, tried
 * again where that can help, and ends its connection when it is aborted. Proxies of the environment are not used.
 */
export class OpenAiEndpoint {
  /** Whether it is OpenAI itself: other servers know only the older names of some parameters. */
  readonly isOpenAi: boolean;
  private readonly origin: string;
  private constructor(
    private readonly options: OpenAiEndpointOptions,
    private readonly parts: EndpointParts,
  ) {
    const { host, origin } = new URL(options.baseUrl ?? OPENAI_URL);
    this.isOpenAi = host === new URL(OPENAI_URL).host;
    this.origin = origin;
  }

  /** Loads the SDK: a process on the local models does not pay for it. Nothing is sent yet. */
  static async open(
    options: OpenAiEndpointOptions,
    { clock = new SystemClock(), random = Math.random }: { clock?: Clock; random?: () => number } = {},
  ): Promise<OpenAiEndpoint> {
    const [{ PooledOpenAi }, { Agent, interceptors }] = await Promise.all([import('./pooled-openai.js'), import('undici')]);
    const agent = new Agent({
      connections: options.maxConnections,
      maxResponseSize: options.maxAnswerBytes,
      // Over HTTP/2 the pool would not bound answers.
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_WITHIN_MS },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const following = agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }));
    const turns = new CallTurns();
    // What is null here would be read from the environment.
    const settings = {
      baseURL: options.baseUrl ?? OPENAI_URL,
      apiKey: options.apiKey ?? 'none',
      ...(options.apiKey === null && { defaultHeaders: { Authorization: null } }),
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      timeout: NO_TIMEOUT_MS,
      maxRetries: 0,
      logLevel: 'off',
    } as const;
    const client = new PooledOpenAi(settings, new EndpointPool({ agent, following, turns }));
    const isApiError = (error: unknown): error is APIError => error instanceof PooledOpenAi.APIError;
    return new OpenAiEndpoint(options, { client, agent, turns, isApiError, clock, random });
  }

  /**
   * Sends a request, several times if need be. Each try is to keep within the limit that it is given.
   * @throws BatonError `model_failed`, `retryable` or not, and `model_answer_too_large`, never with the key in it; the signal's reason once that has
   * aborted.
   */
  async call<T>(
    model: string,
    request: (client: PooledOpenAi, limit: TryLimit) => Promise<T>,
    signal: AbortSignal = new AbortController().signal,
    log: NodeLog = silentLog,
  ): Promise<T> {
    await new Promise<void>((resolve) => this.parts.turns.send(resolve));
    for (let failures = 1; ; failures += 1) {
      signal.throwIfAborted();
      const limit = new TryLimit(signal, this.options.timeoutMs);
      try {
        const answer = await request(this.parts.client, limit);
        limit.end();
        return answer;
      } catch (error) {
        limit.end();
        signal.throwIfAborted();
        const failure = this.toFailure(error, model, limit);
        const waitMs = this.waitAfter(failure, failures);
        if (waitMs === null) throw failure;
        log.warn(`The model is asked again: ${failure.message}`, { model, tries: failures, wait_ms: Math.round(waitMs) });
        await this.parts.clock.sleep(waitMs, signal);
      }
    }
  }

  /** Closes all connections at once; calls under way fail. */
  async close(): Promise<void> {
    await this.parts.agent.destroy();
  }

  private toFailure(error: unknown, model: string, { isOver }: TryLimit): BatonError {
    const { clock, isApiError } = this.parts;
    const { apiKey, maxAnswerBytes, timeoutMs } = this.options;
    if (isOver) {
      const detail = `The model endpoint ${this.origin} did not answer within ${timeoutMs} ms`;
      return new BatonError('model_failed', detail, { model }, { retryable: true });
    }
    if (error instanceof BatonError) return error;
    const call: FailedCall = { model, origin: this.origin, apiKey, maxAnswerBytes, now: clock.now() };
    return isApiError(error) && error.status !== undefined ? refusedCall(error, call) : lostCall(error, call);
  }

  /** Milliseconds until the next try, or null where none is to follow. */
  private waitAfter({ options: { retryable, retryAfterSeconds } }: BatonError, failures: number): number | null {
    if (retryable === false || failures > this.options.maxRetries) return null;
    const backoffMs = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_OWN_WAIT_MS) * (1 - this.parts.random() / 2);
    const waitMs = Math.max(backoffMs, (retryAfterSeconds ?? 0) * 1_000);
    return waitMs > LONGEST_WAIT_MS ? null : waitMs;
  }
}
