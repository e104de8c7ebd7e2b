import type { Dispatcher } from 'undici';
import type { CallTurns } from './call-turns.js';
import type { TryLimit } from './try-limit.js';
import { WholeAnswer, type Answer, type AnswerHeaders } from './whole-answer.js';

/** JSON that is posted. */
export interface PostedJson {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface PoolParts {
  agent: Dispatcher;
  /** The same agent, for what is asked where a redirect leads. */
  following: Dispatcher;
  /** Answers are handed over in turns. */
  turns: CallTurns;
}

/**
 * The kept connections to an endpoint. The few addresses that are asked are read once. What is redirected is asked again, to follow it. Nothing is
 * inflated: the bound of the agent on an answer is that of what is kept of it.
 */
export class EndpointPool {
  private readonly targets = new Map<string, { origin: string; path: string }>();

  constructor(private readonly parts: PoolParts) {}

  /** The answer as a whole, without a stream in between. */
  post(url: string, posted: PostedJson, limit: TryLimit): Promise<Answer> {
    return this.askWhole(this.parts.agent, this.requestOf(url, posted), limit);
  }

  /** The same of what was redirected: from where that leads. */
  postFollowing(url: string, posted: PostedJson, limit: TryLimit): Promise<Answer> {
    return this.askWhole(this.parts.following, this.requestOf(url, posted), limit);
  }

  /** `fetch` for the SDK: that of the standard makes streams and signals for each call which nobody here needs, and takes twice the CPU. */
  async fetch(url: string, posted: PostedJson & { signal?: AbortSignal | null }): Promise<Response> {
    const request = { ...this.requestOf(url, posted), signal: posted.signal ?? null };
    let answer = await this.parts.agent.request(request);
    if (isRedirect(answer)) {
      await answer.body.dump();
      answer = await this.parts.following.request(request);
    }
    // An error comes whole here: one without end would else be told by its status, and asked for again.
    const text = answer.statusCode < 400 ? null : await answer.body.text();
    return new PooledResponse(answer, text, this.parts.turns) as unknown as Response;
  }

  private askWhole(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, limit: TryLimit): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const answer = new WholeAnswer(this.parts.turns, resolve, reject);
      limit.bound(answer);
      dispatcher.dispatch(request, answer);
    });
  }

  private requestOf(url: string, { headers, body }: PostedJson) {
    let target = this.targets.get(url);
    if (target === undefined) {
      const { origin, pathname, search } = new URL(url);
      target = { origin, path: pathname + search };
      this.targets.set(url, target);
    }
    return { origin: target.origin, path: target.path, method: 'POST', headers, body };
  }
}

export function isRedirect({ statusCode }: { statusCode: number }): boolean {
  return statusCode >= 300 && statusCode < 400;
}

/** What the SDK reads of the headers of a response. */
export class PooledHeaders implements Pick<Headers, 'get'> {
  readonly #values: AnswerHeaders;

  constructor(values: AnswerHeaders) {
    this.#values = values;
  }

  get(name: string): string | null {
    const key = name.toLowerCase();
    const value = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    return (Array.isArray(value) ? value.join(', ') : value) ?? null;
  }

  entries(): [string, string][] {
    return Object.keys(this.#values).map((name) => [name, this.get(name)!]);
  }
}

/** What the SDK reads of a response. */
class PooledResponse implements Pick<Response, 'ok' | 'status' | 'text'> {
  readonly headers: PooledHeaders;

  constructor(
    private readonly answer: Dispatcher.ResponseData,
    /** Of an error. */
    private readonly error: string | null,
    private readonly turns: CallTurns,
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
  get body(): Dispatcher.ResponseData['body'] {
    return this.answer.body;
  }

  async text(): Promise<string> {
    const text = this.error ?? (await this.answer.body.text());
    await new Promise<void>((resolve) => this.turns.read(resolve));
    return text;
  }
}
