/** A call to a URL that a user or a model has given. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** At most what the client allows. */
  readonly timeoutMs?: number;
  /** Redirects to follow, at most what the client allows; 0: a redirect is the answer. */
  readonly maxRedirects?: number;
  readonly signal: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after all redirects. */
  readonly url: string;
  /** Decompressed. */
  readonly body: Uint8Array;
}

/** Calls to the outside world, refused where they would reach what is not public. Every URL that a user or a model gives goes through it. */
export abstract class OutboundHttp {
  /**
   * Resolves with any answer, whatever its status.
   * @throws BatonError `http_refused`: the call is not allowed, and nothing was sent to what it names; `http_failed`: there was no answer;
   *   the signal's reason once that has aborted.
   */
  abstract send(request: OutboundRequest): Promise<OutboundResponse>;
}
