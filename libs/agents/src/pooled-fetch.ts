import type { Agent, Dispatcher, fetch } from 'undici';

type Fetch = typeof globalThis.fetch;

/** What the SDK reads of a response. */
class PooledResponse implements Pick<Response, 'ok' | 'status' | 'headers' | 'text'> {
  readonly headers = new Headers();

  constructor(
    readonly url: string,
    private readonly data: Dispatcher.ResponseData,
    private readonly mayRead: () => Promise<void>,
  ) {
    for (const [name, value] of Object.entries(data.headers)) {
      for (const one of [value ?? []].flat()) this.headers.append(name, one);
    }
  }

  get status(): number {
    return this.data.statusCode;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** For answers that come in pieces. */
  get body(): Dispatcher.ResponseData['body'] {
    return this.data.body;
  }

  async text(): Promise<string> {
    const text = await this.data.body.text();
    await this.mayRead();
    return text;
  }
}

interface PooledFetchParts {
  agent: Agent;
  /** The one of the same package, for what is left to it. */
  fetch: typeof fetch;
  /** Of the call under way. */
  signal(): AbortSignal | undefined;
  /** Asked before an answer is handed over that has come as a whole. */
  mayRead(): Promise<void>;
}

/**
 * `fetch` for the SDK straight over the pool: that of the standard makes streams and signals for each call which nobody here needs, and takes twice the
 * CPU. Redirects are left to it. The signal of a call comes past the SDK, which would put several others together from it.
 */
export function pooledFetch({ agent, fetch, signal: ownSignal, mayRead }: PooledFetchParts): Fetch {
  // The SDK knows its type from another version of the same package.
  const follow = fetch as unknown as Fetch;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = 'GET', headers, body } = init;
    const signal = ownSignal() ?? null;
    const data = await agent.request({
      ...{ origin: url.origin, path: url.pathname + url.search, method },
      headers: Object.fromEntries(new Headers(headers)),
      body: body as string | null,
      signal,
    });
    if (data.statusCode < 300 || data.statusCode >= 400)
      return new PooledResponse(url.href, data, mayRead) as unknown as Response;
    await data.body.dump();
    return await follow(url, { ...init, signal, dispatcher: agent } as RequestInit);
  };
}
