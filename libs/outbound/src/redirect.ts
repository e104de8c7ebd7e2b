import { refusedTarget } from './http-policy.js';

/** One request on the way to an answer. */
export interface Hop {
  url: URL;
  method: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string | null;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What another origin is told; any other header may be a credential. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-language', 'content-type', 'idempotency-key', 'user-agent']);

/** Whether a header, in lower case, goes on to wherever a redirect leads. */
export function goesToOthers(header: string): boolean {
  return HARMLESS.has(header);
}

/**
 * The request that follows a redirect; null: the answer is none. To another origin go neither credentials nor headers that may be some.
 * @throws BatonError `http_refused`: from https to http, or to what is no URL.
 */
export function redirected(hop: Hop, status: number, location: string): Hop | null {
  if (!REDIRECTS.has(status) || location === '') return null;
  if (!URL.canParse(location, hop.url.href)) throw refusedTarget(hop.url.host, 'it redirects to what is no URL');
  const url = new URL(location, hop.url);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') throw refusedTarget(url.host, 'a redirect leaves https');
  const dropsBody = status === 303 ? hop.method !== 'HEAD' : (status === 301 || status === 302) && hop.method === 'POST';
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (url.origin === hop.url.origin || goesToOthers(name)) && !(dropsBody && name.startsWith('content-')),
  );
  return {
    url,
    method: dropsBody ? 'GET' : hop.method,
    headers: Object.fromEntries(kept),
    body: dropsBody ? null : hop.body,
  };
}
