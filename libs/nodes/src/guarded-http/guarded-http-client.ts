import { BatonError, OutboundHttp, type OutboundRequest, type OutboundResponse } from '@baton/core';
import type { Agent, Dispatcher, request } from 'undici';
import { guardedConnector, resolveBySystem, type Resolve } from './guarded-connector.js';
import { HttpPolicy, refusedTarget, type HttpPolicyOptions } from './http-policy.js';
import { ACCEPTED_ENCODINGS, discardBody, readBody } from './read-body.js';
import { toCallFailure } from './call-failure.js';
import { redirected, type Hop } from './redirect.js';

export interface GuardedHttpOptions extends HttpPolicyOptions {
  /** Bound on a call, redirects and the whole answer included. */
  timeoutMs: number;
  /** Largest answer, decompressed. */
  maxResponseBytes: number;
  maxRedirects: number;
}

interface HttpLibrary {
  agent: Agent;
  request: typeof request;
}

const CONNECT_WITHIN_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;
const CONNECTIONS_PER_HOST = 20;

/** Headers that the client writes itself: they say where a message ends and where it goes. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'te', 'trailer', 'upgrade', 'expect'],
  'accept-encoding',
]);

/** Calls over HTTP that reach public hosts only. It follows redirects itself, each under the same rules; proxies of the environment are not used. */
export class GuardedHttpClient extends OutboundHttp {
  private readonly policy: HttpPolicy;
  private opened: Promise<HttpLibrary> | null = null;

  constructor(
    private readonly options: GuardedHttpOptions,
    private readonly resolve: Resolve = resolveBySystem,
  ) {
    super();
    this.policy = new HttpPolicy(options);
  }

  async send(call: OutboundRequest): Promise<OutboundResponse> {
    const timeoutMs = Math.min(call.timeoutMs ?? Infinity, this.options.timeoutMs);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const first = firstHop(call);
    try {
      return await this.follow(first, call, AbortSignal.any([call.signal, deadline.signal]));
    } catch (error) {
      call.signal.throwIfAborted();
      throw toCallFailure(error, { target: first.url.host, timedOutAfterMs: deadline.signal.aborted ? timeoutMs : null });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all connections; calls under way fail. */
  async close(): Promise<void> {
    await (await this.opened)?.agent.destroy();
  }

  /** Loads the library: a process that calls nobody does not pay for it. */
  private async open(): Promise<HttpLibrary> {
    const { Agent, buildConnector, request } = await import('undici');
    const agent = new Agent({
      connect: guardedConnector(this.policy, this.resolve, (lookup) =>
        buildConnector({ lookup, timeout: CONNECT_WITHIN_MS, maxCachedSessions: 0 }),
      ),
      connections: CONNECTIONS_PER_HOST,
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: this.options.maxResponseBytes,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { agent, request };
  }

  private async follow(first: Hop, call: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> {
    const maxRedirects = Math.min(call.maxRedirects ?? Infinity, this.options.maxRedirects);
    let hop = first;
    for (let redirects = 0; ; redirects += 1) {
      this.policy.checkUrl(hop.url);
      const response = await this.exchange(hop, signal);
      const next = maxRedirects === 0 ? null : redirected(hop, response.statusCode, headerText(response.headers['location']));
      if (next === null) return this.receive(hop, response);
      discardBody(response.body);
      if (redirects >= maxRedirects) throw refusedTarget(hop.url.host, `it redirects more than ${maxRedirects} times`);
      hop = next;
    }
  }

  private async exchange({ url, method, headers, body }: Hop, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { agent, request } = await (this.opened ??= this.open());
    const sent = { ...headers, 'accept-encoding': ACCEPTED_ENCODINGS };
    return request(url, { dispatcher: agent, method, headers: sent, body, signal });
  }

  private async receive({ url, method }: Hop, response: Dispatcher.ResponseData): Promise<OutboundResponse> {
    const { statusCode, headers, body } = response;
    const isEmpty = method === 'HEAD' || statusCode === 204 || statusCode === 304 || headers['content-length'] === '0';
    const encoding = isEmpty ? '' : headerText(headers['content-encoding']);
    return {
      status: statusCode,
      headers: Object.fromEntries(Object.keys(headers).map((name) => [name, headerText(headers[name])])),
      url: url.href,
      body: await readBody(body, encoding, this.options.maxResponseBytes),
    };
  }
}

function firstHop({ method, url, headers, body }: OutboundRequest): Hop {
  if (!URL.canParse(url)) throw refusedTarget(url, 'it is no URL');
  const named = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const forbidden = named.find(([name]) => OWN_HEADERS.has(name) || name.startsWith('proxy-'));
  if (forbidden !== undefined) {
    throw new BatonError('http_refused', `The header \`${forbidden[0]}\` is not the caller's to set.`, {}, { retryable: false });
  }
  return { url: new URL(url), method, headers: Object.fromEntries(named), body };
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}
