import type { RateClaim } from './rate-limit.js';

/** A secret by its name, and where it goes. It is read when the call is made, and stands in nothing that is journaled or logged. */
export type OutboundAuth =
  | { readonly type: 'bearer'; readonly secret: string }
  /** Without a user name the secret holds `user:password`. */
  | { readonly type: 'basic'; readonly secret: string; readonly username?: string }
  | { readonly type: 'header'; readonly secret: string; readonly header: string };

/** A call to a URL that a user or a model has given. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For whom it is: what that tenant may reach, its secrets and its limits. Without it: what holds for all. */
  readonly tenantId?: string;
  readonly auth?: OutboundAuth;
  /** The call's name, unique to it and the same when it is tried again: its turn is kept under it while it waits for a rate limit. */
  readonly ticket?: string;
  /** Rate limits that the caller sets itself, besides those of the operator. */
  readonly limits?: readonly RateClaim[];
  /** At most what the client allows. */
  readonly timeoutMs?: number;
  /** Redirects to follow, at most what the client allows; 0: a redirect is the answer. */
  readonly maxRedirects?: number;
  /** Told of each redirect that is followed, before it is. */
  readonly onRedirect?: (url: URL) => void;
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
   *   `rate_limited`: its turn comes later, at `retryAfterSeconds`; the signal's reason once that has aborted.
   */
  abstract send(request: OutboundRequest): Promise<OutboundResponse>;
}
