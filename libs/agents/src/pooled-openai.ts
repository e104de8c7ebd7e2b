import { OpenAI, type APIError, type ClientOptions } from 'openai';
import { isRedirect, PooledHeaders, type EndpointPool, type PostedJson } from './endpoint-pool.js';
import type { TryLimit } from './try-limit.js';
import type { Answer } from './whole-answer.js';

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
  private readonly frames = new Map<string, RequestFrame>();

  constructor(
    options: ClientOptions,
    private readonly pool: EndpointPool,
  ) {
    super(options);
  }

  /**
   * What {@link OpenAI.post} gives, without the promises, timers and entries of weak maps that it makes for each answer: they lengthen the stops for
   * garbage while hundreds wait. The answer is not checked. `headers`: by their names in small letters.
   * @throws APIError with the status of a refusal; of a lost connection its own error.
   */
  async postWhole(
    path: string,
    body: object,
    { headers, limit }: { headers: Readonly<Record<string, string>>; limit: TryLimit },
  ): Promise<unknown> {
    const frame = this.frames.get(path) ?? (await this.readFrame({ method: 'post', path }));
    const posted = { headers: { ...frame.headers, ...headers }, body: JSON.stringify(body) };
    let answer = await this.pool.post(frame.url, posted, limit);
    if (isRedirect(answer)) answer = await this.pool.postFollowing(frame.url, posted, limit);
    if (answer.statusCode < 200 || answer.statusCode >= 300) throw this.refusal(answer);
    if (!isJson(answer)) return answer.text;
    return answer.text === '' ? undefined : (JSON.parse(answer.text) as unknown);
  }

  /** As the SDK makes it of an error in JSON, or of what else was said. */
  private refusal({ statusCode, headers, text }: Answer): APIError {
    const error = parseJson(text);
    const told = new PooledHeaders(headers) as unknown as Headers;
    return this.makeStatusError(statusCode, error as object, error === undefined ? text : undefined, told);
  }

  override async buildRequest(asked: AskedRequest): Promise<BuiltRequest> {
    const { method, path, query, body, headers, signal } = asked;
    if (method !== 'post' || query)
      throw new Error(`Only what posts JSON without a query is sent over the pool, not ${method} ${path}`);
    const { url, timeout, headers: common } = this.frames.get(path) ?? (await this.readFrame(asked));
    const own = Object.entries((headers ?? {}) as Record<string, string>);
    const req = {
      method,
      headers: { ...common, ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value] as const)) },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    };
    // Nobody but the pool reads the headers.
    return { req: req as unknown as BuiltRequest['req'], url, timeout };
  }

  protected override fetchWithAuth(url: string, init: RequestInit): Promise<Response> {
    return this.fetchWithTimeout(url, init);
  }

  override fetchWithTimeout(url: string, init?: RequestInit): Promise<Response> {
    return this.pool.fetch(url, init as RequestInit & PostedJson);
  }

  private async readFrame({ method, path, __security }: AskedRequest): Promise<RequestFrame> {
    const { url, timeout, req } = await super.buildRequest({ method, path, body: {}, ...(__security && { __security }) });
    // Nothing here inflates; who does not say so is sent what the server likes.
    const frame = { url, timeout, headers: { ...Object.fromEntries(req.headers), 'accept-encoding': 'identity' } };
    this.frames.set(path, frame);
    return frame;
  }
}

/** As the SDK tells it. */
function isJson({ headers }: Answer): boolean {
  const type = String(headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  return type.includes('application/json') || type.endsWith('+json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
