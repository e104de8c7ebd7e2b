import { OpenAI, type APIError, type ClientOptions } from 'openai';
import type { PooledInit } from './pooled-fetch.js';

type HeadersLike = Record<string, string>;
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
 * most of the SDK's work; and it makes no signals of its own to send a request. For requests that post JSON, with a key that does not change; others are
 * refused.
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

  /**
   * What {@link OpenAI.post} gives, without the promises, timers and entries of weak maps that it makes for each answer: they lengthen the stops for
   * garbage while hundreds wait. The answer is not checked.
   * @throws APIError with the status of a refusal; of a lost connection its own error.
   */
  async postWhole(
    path: string,
    body: object,
    { headers, signal }: { headers: HeadersLike; signal: AbortSignal },
  ): Promise<unknown> {
    const { req, url } = await this.buildRequest({ method: 'post', path, body, headers, signal });
    const response = await this.send(url, req as unknown as PooledInit);
    const text = await response.text();
    if (!response.ok) throw this.refusal(response, text);
    if (!isJson(response)) return text;
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  /** As the SDK makes it of an error in JSON, or of what else was said. */
  private refusal({ status, headers }: Response, text: string): APIError {
    const error = parseJson(text);
    return this.makeStatusError(status, error as object, error === undefined ? text : undefined, headers);
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

/** As the SDK tells it. */
function isJson({ headers }: Response): boolean {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  return type.includes('application/json') || type.endsWith('+json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
