import type { Dispatcher } from 'undici';

type AnswerHeaders = Dispatcher.ResponseData['headers'];

/** What is asked of the pool. */
export interface PooledInit extends RequestInit {
  headers: Record<string, string>;
  /** The answer is handed over once it is there as a whole. */
  isWhole: boolean;
}

/** What the SDK reads of the headers of a response, over what the connection has read: by their names in small letters. */
class PooledHeaders implements Pick<Headers, 'get'> {
  readonly #values: AnswerHeaders;

  constructor(values: AnswerHeaders) {
    this.#values = values;
  }

  get(name: string): string | null {
    const key = name.toLowerCase();
    const value = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    return value === undefined ? null : [value].flat().join(', ');
  }

  entries(): [string, string][] {
    return Object.keys(this.#values).map((name) => [name, this.get(name)!]);
  }
}

interface Answer {
  statusCode: number;
  headers: AnswerHeaders;
  body: string | Dispatcher.ResponseData['body'];
}

/** What the SDK reads of a response. */
class PooledResponse implements Pick<Response, 'ok' | 'status' | 'text'> {
  readonly headers: PooledHeaders;

  constructor(
    private readonly answer: Answer,
    private readonly mayRead: () => Promise<void>,
  ) {
    this.headers = new PooledHeaders(answer.headers);
  }

  get status(): number {
    return this.answer.statusCode;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** For answers that come in pieces. */
  get body(): Answer['body'] {
    return this.answer.body;
  }

  async text(): Promise<string> {
    const { body } = this.answer;
    const text = typeof body === 'string' ? body : await body.text();
    await this.mayRead();
    return text;
  }
}

const decoder = new TextDecoder();

/** A request until its answer is there as a whole, without a stream in between. */
class WholeAnswer implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private statusCode = 0;
  private headers: AnswerHeaders = {};
  private readonly pieces: Buffer[] = [];

  constructor(
    private readonly signal: AbortSignal | null,
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    signal?.addEventListener('abort', this, { once: true });
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.controller?.abort(this.signal!.reason as Error);
    // One that waits for a connection still is heard of no more.
    this.reject(this.signal!.reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.signal?.aborted === true) this.handleEvent();
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: AnswerHeaders): void {
    this.statusCode = statusCode;
    this.headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    this.pieces.push(piece);
  }

  onResponseEnd(): void {
    this.signal?.removeEventListener('abort', this);
    const { statusCode, headers, pieces } = this;
    const bytes = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    this.resolve({ statusCode, headers, body: decoder.decode(bytes) });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.signal?.removeEventListener('abort', this);
    this.reject(error);
  }
}

interface PooledFetchParts {
  agent: Dispatcher;
  /** The same agent, for what is asked where a redirect leads. */
  following: Dispatcher;
  /** Asked before an answer is handed over that has come as a whole. */
  mayRead(): Promise<void>;
}

/** Where a request goes. */
interface Target {
  origin: string;
  path: string;
}

/**
 * `fetch` for the SDK straight over the pool: that of the standard makes streams and signals for each call which nobody here needs, and takes twice the
 * CPU. What is redirected is asked again, to follow it. Nothing is inflated: the bound of the agent on an answer is that of what is kept of it. The few
 * addresses that are asked are read once.
 */
export function pooledFetch({
  agent,
  following,
  mayRead,
}: PooledFetchParts): (url: string, init: PooledInit) => Promise<Response> {
  const targets = new Map<string, Target>();
  const targetOf = (url: string): Target => {
    const known = targets.get(url);
    if (known !== undefined) return known;
    const { origin, pathname, search } = new URL(url);
    const target = { origin, path: pathname + search };
    targets.set(url, target);
    return target;
  };
  return async (url, init) => {
    const target = targetOf(url);
    let answer = await ask(agent, target, init);
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      if (typeof answer.body !== 'string') await answer.body.dump();
      answer = await ask(following, target, init);
    }
    return new PooledResponse(answer, mayRead) as unknown as Response;
  };
}

function ask(dispatcher: Dispatcher, target: Target, { headers, body, isWhole, signal = null }: PooledInit): Promise<Answer> {
  signal?.throwIfAborted();
  const request = { ...target, method: 'POST', headers, body: body as string } as const;
  return isWhole
    ? new Promise((resolve, reject) => dispatcher.dispatch(request, new WholeAnswer(signal, resolve, reject)))
    : askInPieces(dispatcher, { ...request, signal });
}

/** An error comes whole here too: one without end would else be told by its status, and asked for again. */
async function askInPieces(dispatcher: Dispatcher, request: Dispatcher.RequestOptions): Promise<Answer> {
  const answer = await dispatcher.request(request);
  return answer.statusCode < 400 ? answer : { ...answer, body: await answer.body.text() };
}
