import { OpenAI, type ClientOptions } from 'openai';
import type { PooledInit } from './pooled-fetch.js';

type AskedRequest = Parameters<OpenAI['buildRequest']>[0];
type BuiltRequest = Awaited<ReturnType<OpenAI['buildRequest']>>;

/** What all requests to one path have alike. */
interface RequestFrame {
  readonly url: string;
  readonly timeout: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The SDK's client, with less for each call: what a request says of the client is put together once for each path, and not with each request, which was
 * most of the SDK's work; and it makes no signals of its own to send a request. A timer and an abort listener of the SDK remain for each whole answer. For
 * requests that post JSON, with a key that does not change; others are refused.
 */
export class PooledOpenAi extends OpenAI {
  /** The SDK tells servers the name of its class. */
  static override readonly name = 'OpenAI';
  private readonly frames = new Map<string, Promise<RequestFrame>>();

  constructor(
    options: ClientOptions,
    private readonly send: (url: string, init: PooledInit) => Promise<Response>,
  ) {
    super(options);
  }

  override async buildRequest(asked: AskedRequest): Promise<BuiltRequest> {
    const { method, path, query, body, headers, signal, stream } = asked;
    if (method !== 'post' || query)
      throw new Error(`Only what posts JSON without a query is sent over the pool, not ${method} ${path}`);
    const { url, timeout, headers: common } = await this.frameOf(asked);
    const own = Object.entries((headers ?? {}) as Record<string, string>);
    const init: PooledInit = {
      method,
      headers: { ...common, ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value] as const)) },
      body: JSON.stringify(body),
      isWhole: stream !== true,
      ...(signal && { signal }),
    };
    // Nobody but `send` reads the headers.
    return { req: init as unknown as BuiltRequest['req'], url, timeout };
  }

  protected override fetchWithAuth(url: string, init: RequestInit): Promise<Response> {
    return this.fetchWithTimeout(url, init);
  }

  override fetchWithTimeout(url: string, init?: RequestInit): Promise<Response> {
    return this.send(url, init as PooledInit);
  }

  private frameOf({ method, path, __security }: AskedRequest): Promise<RequestFrame> {
    const known = this.frames.get(path);
    if (known !== undefined) return known;
    const frame = super
      .buildRequest({ method, path, body: {}, ...(__security && { __security }) })
      .then(({ url, timeout, req }) => {
        // Nothing here inflates; who does not say so is sent what the server likes.
        return { url, timeout, headers: { ...Object.fromEntries(req.headers), 'accept-encoding': 'identity' } };
      });
    this.frames.set(path, frame);
    return frame;
  }
}
