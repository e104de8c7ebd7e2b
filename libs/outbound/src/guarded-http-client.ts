import { OutboundHttp, type OutboundRequest, type OutboundResponse } from '@baton/core';
import type { Agent, Dispatcher } from 'undici';
import type { AllowedTarget } from './allowed-target.js';
import { toCallFailure } from './call-failure.js';
import { firstHop } from './first-hop.js';
import { guardedConnector, resolveBySystem, type OpenConnection, type Resolve } from './guarded-connector.js';
import { busyHost, HostPlaces } from './host-places.js';
import { HttpPolicy, refusedTarget, type HttpPolicyOptions } from './http-policy.js';
import { ACCEPTED_ENCODINGS, discardBody, readBody, unreadable } from './read-body.js';
import { redirected, type Hop } from './redirect.js';

export interface GuardedHttpOptions extends HttpPolicyOptions {
  /** What single tenants may reach besides. */
  tenants?: ReadonlyMap<string, readonly AllowedTarget[]>;
  /** Bound on a call, redirects and the whole answer included. */
  timeoutMs: number;
  /** Largest body that is sent. */
  maxRequestBytes: number;
  /** Largest answer, decompressed. */
  maxResponseBytes: number;
  maxRedirects: number;
  /** Calls to one host at once; others wait in line. */
  maxPerHost: number;
}

/** What calls of one tenant, or of all that have no rules of their own, go by. Connections are not shared: they were made under its policy. */
interface Line {
  readonly policy: HttpPolicy;
  agent: Promise<Agent> | null;
}

/** What is known of one call. */
interface Call {
  readonly request: OutboundRequest;
  readonly line: Line;
  /** Aborts when the caller gives up or the time is over. */
  readonly signal: AbortSignal;
  /** The host in whose line it stands, while it does. */
  waitsFor: string | null;
}

const CONNECT_WITHIN_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 200;
/** What may be read for an answer: eight bytes for each of its body (chunks may be that small), and what stands before it. */
const MAX_OVERHEAD = 8;
const MAX_OVERHEAD_BYTES = 262_144;
/** Calls that wait for one host, for each that may be under way. */
const WAITING_PER_PLACE = 20;

/**
 * Calls over HTTP that reach public hosts only. It follows redirects itself, each under the same rules; proxies of the environment are not used.
 * Every call is bounded in time and in bytes, whatever the other side sends.
 */
export class GuardedHttpClient extends OutboundHttp {
  private readonly common: Line;
  private readonly ofTenants: ReadonlyMap<string, Line>;
  private readonly places: HostPlaces;

  constructor(
    private readonly options: GuardedHttpOptions,
    private readonly resolve: Resolve = resolveBySystem,
  ) {
    super();
    const { tenants = new Map<string, never>(), maxPerHost } = options;
    this.common = { policy: new HttpPolicy(options), agent: null };
    this.ofTenants = new Map(
      [...tenants].map(([tenantId, more]) => {
        const policy = new HttpPolicy({ ...options, allow: [...options.allow, ...more] });
        return [tenantId, { policy, agent: null }];
      }),
    );
    this.places = new HostPlaces(maxPerHost, maxPerHost * WAITING_PER_PLACE);
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    const timeoutMs = Math.min(request.timeoutMs ?? Infinity, this.options.timeoutMs);
    const deadline = new AbortController();
    const first = firstHop(request, this.options.maxRequestBytes);
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const line = this.ofTenants.get(request.tenantId ?? '') ?? this.common;
    const call: Call = { request, line, signal: AbortSignal.any([request.signal, deadline.signal]), waitsFor: null };
    try {
      return await this.follow(first, call);
    } catch (error) {
      request.signal.throwIfAborted();
      if (deadline.signal.aborted && call.waitsFor !== null) throw busyHost(call.waitsFor, this.options.maxPerHost);
      throw toCallFailure(error, { target: first.url.host, timedOutAfterMs: deadline.signal.aborted ? timeoutMs : null });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all connections; calls under way fail. */
  async close(): Promise<void> {
    const lines = [this.common, ...this.ofTenants.values()];
    await Promise.all(lines.map(async ({ agent }) => (await agent)?.destroy()));
  }

  private async follow(first: Hop, call: Call): Promise<OutboundResponse> {
    const maxRedirects = Math.min(call.request.maxRedirects ?? Infinity, this.options.maxRedirects);
    let hop = first;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.visit(hop, call, maxRedirects > 0);
      if (!('next' in answer)) return answer;
      if (redirects >= maxRedirects) throw refusedTarget(hop.url.host, `it redirects more than ${maxRedirects} times`);
      hop = answer.next;
      call.line.policy.checkUrl(hop.url);
      call.request.onRedirect?.(hop.url);
    }
  }

  /** Calls one host, within a place for it: what it answers, or where it sends the call to. */
  private async visit(hop: Hop, call: Call, follows: boolean): Promise<OutboundResponse | { next: Hop }> {
    const { host } = hop.url;
    call.line.policy.checkUrl(hop.url);
    call.waitsFor = host;
    const leave = await this.places.take(host, call.signal);
    call.waitsFor = null;
    try {
      const response = await this.exchange(hop, call);
      const next = follows ? redirected(hop, response.statusCode, headerText(response.headers['location'])) : null;
      if (next === null) return await this.receive(hop, response);
      discardBody(response.body);
      return { next };
    } finally {
      leave();
    }
  }

  private async exchange({ url, method, headers, body }: Hop, { line, signal }: Call): Promise<Dispatcher.ResponseData> {
    const { request } = await import('undici');
    const dispatcher = await (line.agent ??= this.openAgent(line.policy));
    return request(url, { dispatcher, method, headers: { ...headers, 'accept-encoding': ACCEPTED_ENCODINGS }, body, signal });
  }

  /** Loads the library: a process that calls nobody does not pay for it. */
  private async openAgent(policy: HttpPolicy): Promise<Agent> {
    const { Agent, buildConnector } = await import('undici');
    const open: OpenConnection = (lookup) => buildConnector({ lookup, timeout: CONNECT_WITHIN_MS, maxCachedSessions: 0 });
    const maxBytes = MAX_OVERHEAD_BYTES + MAX_OVERHEAD * this.options.maxResponseBytes;
    return new Agent({
      connect: guardedConnector(policy, this.resolve, open, maxBytes),
      connections: this.options.maxPerHost,
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: this.options.maxResponseBytes,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  private async receive({ url, method }: Hop, response: Dispatcher.ResponseData): Promise<OutboundResponse> {
    const { statusCode, headers, body } = response;
    if (Object.values(headers).flat().length > MAX_HEADERS) {
      discardBody(body);
      throw unreadable(`The answer has more than ${MAX_HEADERS} headers.`);
    }
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

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}
